// The time of the second engine. When nothing else can run, the next timer goes off at once, and time has passed.

let now = 0;
let lastId = 0;
let onNextTimer = (callback) => callback;
const timers = new Map();

globalThis.setTimeout = (callback, milliseconds) => {
  timers.set(++lastId, { at: now + milliseconds, callback: onNextTimer(callback) });
  onNextTimer = (unchanged) => unchanged;
  return lastId;
};
globalThis.clearTimeout = (id) => timers.delete(id);
globalThis.Date = class extends Date {
  constructor(...parts) {
    super(...(parts.length > 0 ? parts : [now]));
  }

  static now() {
    return now;
  }
};

/** Start again at `milliseconds`, with no timers. */
export function resetClock(milliseconds) {
  now = milliseconds;
  timers.clear();
}

/** Let the next timer that the engine starts call `adapt(callback)` instead of `callback`. */
export function adaptNextTimer(adapt) {
  onNextTimer = adapt;
}

/** Let the engine run until `hasEnded()` returns true. */
export async function runUntil(hasEnded) {
  for (;;) {
    await new Promise(setImmediate); // runs all that takes no time
    if (hasEnded()) return;
    const [id, timer] = nextTimer();
    timers.delete(id);
    now = timer.at;
    timer.callback();
  }
}

function nextTimer() {
  const [first, ...others] = timers;
  if (first === undefined) throw new Error("the second engine waits for something without a time limit");
  return others.reduce((best, each) => (each[1].at < best[1].at ? each : best), first);
}
