// The page: who is signed in, what they see, and what happens when a Region does not answer.

import { Refused, api } from "./api.js";
import { changeDialog } from "./change.js";
import { configuration } from "./config.js";
import { byId } from "./dom.js";
import { outbox } from "./outbox.js";
import { regions } from "./regions.js";
import { finishSignIn, session, signIn, signOut } from "./session.js";
import { drawTickets, drawUnsent } from "./tickets.js";

const AGAIN_MS = 5000;

function notice(text, kind = "") {
  byId("notice").className = `notice ${kind}`;
  byId("notice").textContent = text;
}

function welcome(config, seen) {
  byId("desk").hidden = true;
  byId("sign-out").hidden = true;
  byId("user").textContent = "";
  byId("welcome").hidden = false;
  // A pool is in one Region: the first that answers, or, where none does, the first.
  const pool = () => config.identity.find(({ region }) => seen.well(region)) ?? config.identity[0];
  byId("sign-in").onclick = () => {
    byId("sign-in-where").textContent = `Leaving for the sign-in in ${pool().region} …`;
    return signIn(pool());
  };
}

function desk(config, seen, who) {
  byId("welcome").hidden = true;
  byId("desk").hidden = false;
  byId("user").textContent = who.name ?? "";
  byId("sign-out").hidden = false;
  byId("tickets-title").textContent = who.agent ? "All tickets" : "Your tickets";

  let tickets = [];
  let next = null;
  const calls = api(config.api, {
    token: () => session()?.token,
    heard: seen.heard,
    waiting: (attempt) => notice(`No answer yet; trying again (${attempt}) …`, "warn"),
  });
  const out = () => {
    clearTimeout(again);
    box.stop();
    signOut();
    welcome(config, seen);
    notice("Your sign-in has ended. Please sign in again: unsent tickets are kept.", "warn");
  };
  const draw = () => {
    drawTickets(tickets, { agent: who.agent, onChange: (ticket) => change(ticket) });
    byId("none").hidden = tickets.length > 0 || box.entries().length > 0;
    byId("more").hidden = next === null;
  };
  const put = (ticket) => {
    tickets = [ticket, ...tickets.filter(({ id }) => id !== ticket.id)]
      .sort((one, other) => other.createdOn.localeCompare(one.createdOn));
    draw();
  };
  const box = outbox(who.key, calls, {
    changed: () => {
      drawUnsent(box.entries(), { onDiscard: (token) => box.discard(token) });
      const waiting = box.entries().filter(({ refused }) => !refused).length;
      if (waiting > 0) notice(`${waiting === 1 ? "One ticket is" : `${waiting} tickets are`} kept here and not sent yet.`, "warn");
      draw();
    },
    sent: (ticket) => {
      put(ticket);
      notice(`Ticket created in ${ticket.region}.`, "good");
    },
    signedOut: out,
  });
  const change = changeDialog(calls, (ticket, { quiet = false } = {}) => {
    put(ticket);
    if (!quiet) notice(`Ticket saved in ${ticket.region}.`, "good");
  }, out);

  let again = null;
  async function load(more = false) {
    clearTimeout(again);
    byId("refresh").disabled = true;
    try {
      const page = await calls.list(more ? next : null);
      const known = new Set(page.Items.map(({ id }) => id));
      tickets = more ? [...tickets.filter(({ id }) => !known.has(id)), ...page.Items] : page.Items;
      next = page.NextToken ?? null;
      if (!byId("notice").classList.contains("good") && box.entries().length === 0) notice("");
      draw();
    } catch (error) {
      if (error instanceof Refused && error.status === 401) out();
      else {
        notice(`The tickets could not be read: ${error.message}. What is shown may be old; trying again.`, "bad");
        again = setTimeout(() => load(), AGAIN_MS);
      }
    } finally {
      byId("refresh").disabled = false;
    }
  }

  byId("refresh").onclick = () => load();
  byId("more").onclick = () => load(true);
  byId("sign-out").onclick = () => {
    clearTimeout(again);
    box.stop();
    signOut();
    notice("");
    welcome(config, seen);
  };
  byId("new").onsubmit = (event) => {
    event.preventDefault();
    const form = byId("new");
    const description = form.elements.description.value.trim();
    const missing = description === "";
    const marked = /<[A-Za-z/!?]/.test(description);
    byId("new-description-error").textContent = missing ? "Please say what it is about."
      : marked ? "Plain text only: put a space after “<”." : "";
    form.elements.description.setAttribute("aria-invalid", String(missing || marked));
    if (missing || marked) {
      form.elements.description.focus();
      return;
    }
    box.add({ description, priority: form.elements.priority.value, assigned: form.elements.assigned.value.trim() });
    form.reset();
    form.elements.description.focus();
  };
  window.ononline = () => box.flush();

  draw();
  box.flush();
  drawUnsent(box.entries(), { onDiscard: (token) => box.discard(token) });
  load();
}

async function begin() {
  const config = await configuration();
  const seen = regions(config.regions, config.operator);
  const trouble = await finishSignIn(config.identity);
  if (trouble) notice(`You are not signed in: ${trouble}`, "bad");
  const who = session();
  if (who) desk(config, seen, who);
  else welcome(config, seen);
}

begin().catch((error) => notice(`The page could not be set up: ${error.message}`, "bad"));
