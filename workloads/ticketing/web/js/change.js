// The dialog in which a ticket is changed. What was typed stays until it is saved or thrown away by its writer.

import { Refused } from "./api.js";
import { byId, make, moment } from "./dom.js";

const FIELDS = ["description", "status", "priority", "assigned"];

export function changeDialog(api, saved, signedOut) {
  const dialog = byId("change");
  const form = byId("change-form");
  const error = byId("change-error");
  const submit = form.querySelector("button[type=submit]");
  let read = null;

  const show = (ticket) => FIELDS.forEach((name) => { form.elements[name].value = ticket[name]; });
  function reading(ticket) {
    read = ticket;
    byId("change-fact").textContent = `Version ${ticket.version}, written in ${ticket.region}, ${moment(ticket.updatedOn)}`;
    const lost = (ticket.lostWrites ?? []).map((one) =>
      make("p", { class: "lost", text:
        `Version ${one.version}, written in ${one.region} (${moment(one.updatedOn)}), was replaced by a write of the other ` +
        `Region that had not seen it. It said: ${one.description} (${one.status}, ${one.priority})` }));
    byId("lost").replaceChildren(...lost);
    byId("lost").hidden = lost.length === 0;
  }

  byId("change-cancel").addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.textContent = "";
    const change = { id: read.id, version: read.version, region: read.region };
    for (const name of FIELDS) if (form.elements[name].value !== read[name]) change[name] = form.elements[name].value;
    submit.disabled = true;
    try {
      saved(await api.change(change));
      dialog.close();
    } catch (problem) {
      if (problem instanceof Refused && problem.status === 401) signedOut();
      if (problem instanceof Refused && problem.status === 409 && problem.problem.current) {
        const now = problem.problem.current;
        // What this person had not touched becomes what it is now: saving again must not take the other's change back.
        for (const name of FIELDS) if (form.elements[name].value === read[name]) form.elements[name].value = now[name];
        reading(now);
        saved(now, { quiet: true });
        error.textContent =
          `Someone else changed it meanwhile: "${now.description}" (${now.status}, ${now.priority}` +
          `${now.assigned ? `, ${now.assigned}` : ""}). What you typed is still here: save again to put it in its place.`;
      } else if (problem instanceof Refused) error.textContent = problem.message;
      else error.textContent = "No Region answered. Your text is still here: try again in a moment.";
    } finally {
      submit.disabled = false;
    }
  });

  return async (ticket) => {
    error.textContent = "";
    reading(ticket);
    show(ticket);
    dialog.showModal();
    try {
      const full = await api.one(ticket.id);
      // Only where it is still the one that is shown: no one's typing is overwritten.
      if (dialog.open && read?.id === full.id && read.version === full.version && read.region === full.region) reading(full);
    } catch {
      // The list's own copy will do; saving will tell if it is old.
    }
  };
}
