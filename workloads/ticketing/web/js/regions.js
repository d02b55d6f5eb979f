// The two Regions: each asked for its own health, past the DNS, and shown; and which of them answered last.

import { byId, make } from "./dom.js";

const EVERY_MS = 5000;
const TRY_MS = 3000;
const WORDS = { healthy: "Healthy", unhealthy: "Unhealthy", "out-of-service": "Out of service", silent: "No answer", asking: "Asking" };

export function regions(configured) {
  const seen = new Map(configured.map((region) => [region.name, { status: "asking" }]));
  let last = null;

  function draw() {
    const cards = configured.map(({ name }) => {
      const { status, more } = seen.get(name);
      const kind = status === "healthy" ? "good" : status === "asking" ? "" : "bad";
      return make(
        "li",
        { class: `region ${kind} ${last?.region === name ? "answering" : ""}`, "data-region": name, "data-state": status },
        make("strong", { text: name }),
        make("span", { class: "state", text: WORDS[status] ?? status }),
        make("span", { class: "more", text: more ?? "\u00a0" }),
      );
    });
    byId("regions").replaceChildren(...cards);
    byId("answered").textContent = last ? `Last answer: ${last.region}, ${last.ms} ms` : "";
  }

  async function look({ name, health }) {
    let found;
    try {
      const answer = await fetch(health, { cache: "no-store", signal: AbortSignal.timeout(TRY_MS) });
      const told = await answer.json();
      const { writes, replication } = told;
      const more = [
        writes === "fenced" ? "takes no writes" : null,
        replication?.state === "current" ? `sees ${replication.peer}` : null,
        replication?.state === "silent" ? `has not heard ${replication.peer} for ${replication.ageSeconds} s` : null,
      ].filter(Boolean);
      found = { status: answer.ok ? "healthy" : (told.status ?? "unhealthy"), more: more.join(", ") };
    } catch {
      found = { status: "silent" };
    }
    seen.set(name, found);
    draw();
  }

  draw();
  // Hidden pages do not ask: there may be many of them, and no one looks.
  const turn = () => document.hidden || configured.forEach(look);
  turn();
  setInterval(turn, EVERY_MS);
  document.addEventListener("visibilitychange", turn);

  return {
    heard(answer) {
      last = answer;
      draw();
    },
    well: (name) => seen.get(name)?.status !== "silent",
  };
}
