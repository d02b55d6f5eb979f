// Calls of the API. What fails for the moment is tried again, later each time; what is refused is not.

const TRY_MS = 5000;
const WAITS_MS = [500, 1000, 2000, 4000];

/** The API said no: `problem` is its problem document. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `refused (${status})`);
    this.status = status;
    this.problem = problem;
  }
}

/** No answer, or one that says "later". Nothing is known of whether the call was carried out. */
export class Unreachable extends Error {}

const later = (ms) => new Promise((done) => setTimeout(done, ms * (0.75 + Math.random() / 2)));
const passing = (status) => status === 429 || status === 408 || status >= 500;

/** The API at `base`. `heard({region, ms})` for each answer, `waiting(attempt)` before each new try. */
export function api(base, { token, heard, waiting }) {
  async function once(method, path, body) {
    const began = performance.now();
    let answer;
    try {
      answer = await fetch(base + path, {
        method,
        headers: {
          ...(token() ? { Authorization: `Bearer ${token()}` } : {}),
          ...(body ? { "Content-Type": "application/json" } : {}),
        },
        body: body && JSON.stringify(body),
        cache: "no-store",
        signal: AbortSignal.timeout(TRY_MS),
      });
    } catch {
      throw new Unreachable("no answer came");
    }
    const region = answer.headers.get("X-Served-By-Region");
    if (passing(answer.status)) throw new Unreachable(`${region ?? "the service"} answered ${answer.status}`);
    let told;
    try {
      told = await answer.json();
    } catch {
      throw new Unreachable("the answer broke off");
    }
    if (region) heard({ region, ms: Math.round(performance.now() - began) });
    if (!answer.ok) throw new Refused(answer.status, told);
    return told;
  }

  async function patiently(method, path, body, onAnother = () => null) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await once(method, path, body);
      } catch (error) {
        // A refusal of a repeated call may be the echo of the first, which was carried out after all.
        const settled = attempt > 0 && error instanceof Refused ? onAnother(error) : null;
        if (settled !== null) return settled;
        if (!(error instanceof Unreachable) || attempt === WAITS_MS.length) throw error;
        waiting(attempt + 1);
        await later(WAITS_MS[attempt]);
      }
    }
  }

  const same = (current, change) =>
    current?.version === change.version + 1 &&
    ["description", "assigned", "priority", "status"].every((name) => change[name] === undefined || change[name] === current[name]);

  return {
    list: (next) => patiently("GET", `/ticket?limit=50${next ? `&next=${encodeURIComponent(next)}` : ""}`),
    one: (id) => patiently("GET", `/ticket/${encodeURIComponent(id)}`),
    /** One try: the outbox has a patience of its own. The client token makes repeating it harmless. */
    create: (ticket) => once("POST", "/ticket", ticket),
    change: (change) =>
      patiently("POST", "/ticket", change, (refusal) =>
        refusal.status === 409 && same(refusal.problem.current, change) ? refusal.problem.current : null,
      ),
  };
}
