// The two Regions: each asked for its own health, past the DNS, and shown; and which of them answered last.

import { byId, make } from "./dom.js";

const EVERY_MS = 5000;
const TRY_MS = 3000;
const WORDS = { healthy: "Healthy", unhealthy: "Unhealthy", "out-of-service": "Out of service", silent: "No answer", asking: "Asking" };

/** What a Region says of its writes and of the other one, in words. */
function words({ writes, replication }) {
  const { peer, state, ageSeconds } = replication ?? {};
  return [
    writes === "fenced" ? "takes no writes" : null,
    state === "current" ? `last heard ${peer} ${ageSeconds} s ago` : null,
    state === "silent" ? `has not heard ${peer} for ${ageSeconds} s` : null,
    state === "never-seen" ? `has never heard ${peer}` : null,
  ].filter(Boolean).join(", ");
}

/** The card of a Region. It is created once, so that its focused element keeps the focus when the card is updated. */
function card(name, switches) {
  const parts = {
    state: make("span", { class: "state" }),
    more: make("span", { class: "more" }),
    button: make("button", { class: "quiet", type: "button" }),
  };
  parts.whole = make("li", { class: "region", "data-region": name },
    make("div", { class: "line" }, make("strong", { text: name }), parts.state), parts.more);
  if (switches) parts.whole.append(parts.button);
  return parts;
}

export function regions(configured, operator = []) {
  const switches = new Map(operator.map((each) => [each.region, each]));
  const seen = new Map(configured.map(({ name }) => [name, { status: "asking" }]));
  const cards = new Map(configured.map(({ name }) => [name, card(name, switches.get(name))]));
  let last = null;

  function draw() {
    for (const [name, { whole, state, more, button }] of cards) {
      const { status, told } = seen.get(name);
      const kind = status === "healthy" ? "good" : status === "asking" ? "" : "bad";
      const answering = last?.region === name && status !== "silent";
      whole.className = `region ${kind} ${answering ? "answering" : ""}`;
      whole.dataset.state = status;
      state.textContent = WORDS[status] ?? status;
      more.textContent = told || "\u00a0";
      button.textContent = status === "silent" ? `Bring ${name} back` : `Take ${name} down`;
    }
    byId("answered").textContent = last ? `Last answer: ${last.region}, ${last.ms} ms` : "";
  }

  async function look({ name, health }) {
    let found;
    try {
      const answer = await fetch(health, { cache: "no-store", signal: AbortSignal.timeout(TRY_MS) });
      const told = await answer.json();
      found = { status: answer.ok ? "healthy" : (told.status ?? "unhealthy"), told: words(told) };
    } catch {
      found = { status: "silent" };
    }
    seen.set(name, found);
    draw();
  }

  for (const region of configured) {
    const { button } = cards.get(region.name);
    button.onclick = async () => {
      const { up, down } = switches.get(region.name);
      button.disabled = true;
      await fetch(seen.get(region.name).status === "silent" ? up : down, { method: "POST" }).catch(() => {});
      await look(region);
      button.disabled = false;
      button.focus();
    };
  }

  draw();
  byId("regions").replaceChildren(...[...cards.values()].map(({ whole }) => whole));
  byId("simulation").hidden = operator.length === 0;
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
