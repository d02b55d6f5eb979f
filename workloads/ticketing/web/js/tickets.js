// The list of tickets, and those not sent yet.

import { byId, make, moment } from "./dom.js";

const TITLES = { low: "Low", medium: "Medium", high: "High", open: "Open", assigned: "Assigned", closed: "Closed" };
const chip = (kind) => make("span", { class: `chip ${kind}`, text: TITLES[kind] ?? kind });
const fact = (text) => make("span", { text });

export function drawTickets(tickets, { agent, onChange }) {
  const cards = tickets.map((ticket) => {
    const shortened = ticket.description.slice(0, 60);
    return make(
      "li",
      { class: "ticket", "data-id": ticket.id },
      make("p", { class: "text", text: ticket.description }),
      make(
        "div",
        { class: "facts" },
        chip(ticket.status),
        chip(ticket.priority),
        ...(ticket.assigned ? [fact(`assigned to ${ticket.assigned}`)] : []),
        ...(agent ? [fact(`of ${ticket.createdBy}`)] : []),
        fact(moment(ticket.createdOn)),
      ),
      make(
        "div",
        { class: "line" },
        make("span", { class: "facts", text: `Written in ${ticket.region}, version ${ticket.version}` }),
        make("button", {
          class: "quiet", type: "button", text: "Change", "aria-label": `Change the ticket: ${shortened}`,
          onclick: () => onChange(ticket),
        }),
      ),
    );
  });
  byId("tickets").replaceChildren(...cards);
}

export function drawUnsent(entries, { onDiscard }) {
  const cards = entries.map(({ ticket, refused }) =>
    make(
      "li",
      { class: "ticket unsent", "data-token": ticket.clientToken },
      make("p", { class: "text", text: ticket.description }),
      make("div", { class: "line" },
        make("span", { class: "facts", text: refused ? `Not taken: ${refused}` : "Kept here; it is sent as soon as a Region answers." }),
        make("button", {
          class: "quiet", type: "button", text: "Discard", "aria-label": `Discard the unsent ticket: ${ticket.description.slice(0, 60)}`,
          onclick: () => onDiscard(ticket.clientToken),
        }),
      ),
    ),
  );
  byId("unsent").replaceChildren(...cards);
}
