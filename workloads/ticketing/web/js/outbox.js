// Tickets that are written but not yet acknowledged. Each is kept in the browser, with its client token, before it is sent
// for the first time: closing the page loses nothing, and sending it again makes no second ticket.

import { Refused, Unreachable } from "./api.js";

const KEPT = "ticketing.outbox";
const FIRST_MS = 1000;
const LONGEST_MS = 15000;

/** The outbox of one user. `changed()` after every change; `sent(ticket)`; `signedOut()` when the token no longer holds. */
export function outbox(user, api, { changed, sent, signedOut }) {
  let wait = FIRST_MS;
  let timer = null;
  let sending = false;

  // Two tabs share the storage: so read it again each time, and write only this tab's entry.
  const all = () => JSON.parse(localStorage.getItem(KEPT) ?? "[]");
  const keep = (entries) => localStorage.setItem(KEPT, JSON.stringify(entries));
  const mine = () => all().filter((entry) => entry.user === user);
  const token = (entry) => entry.ticket.clientToken;
  const without = (gone) => keep(all().filter((entry) => token(entry) !== gone));
  const mark = (marked, why) => keep(all().map((entry) => (token(entry) === marked ? { ...entry, refused: why } : entry)));

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(send, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_MS);
  }

  async function send() {
    if (sending) return;
    sending = true;
    try {
      for (const entry of mine().filter((one) => !one.refused)) {
        try {
          const ticket = await api.create(entry.ticket);
          without(token(entry));
          wait = FIRST_MS;
          changed();
          sent(ticket);
        } catch (error) {
          if (error instanceof Refused && error.status === 401) {
            signedOut();
            return;
          }
          if (error instanceof Unreachable) {
            soon();
            changed();
            return;
          }
          if (!(error instanceof Refused)) throw error;
          mark(token(entry), error.message);
          changed();
        }
      }
    } finally {
      sending = false;
    }
  }

  return {
    entries: mine,
    /** Keep a ticket, then send it. */
    add(ticket) {
      keep([...all(), { user, at: new Date().toISOString(), ticket: { ...ticket, clientToken: crypto.randomUUID() } }]);
      changed();
      wait = FIRST_MS;
      return send();
    },
    discard(gone) {
      without(gone);
      changed();
    },
    /** Now, not at the next turn: the network is back, or someone asks. */
    flush() {
      wait = FIRST_MS;
      return send();
    },
    stop: () => clearTimeout(timer),
  };
}
