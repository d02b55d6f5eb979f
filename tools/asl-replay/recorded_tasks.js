// What the second engine asks of the world: Lambda functions, task tokens, and time. A recording has the answers.

import { firstDifference } from "./first_difference.js";
import { adaptNextTimer } from "./virtual_clock.js";

const NEVER = new Promise(() => {});

/** The answers of one recording, each of which is given once. `pending` counts the states that got no answer. */
export class RecordedTasks {
  constructor(recording, onDifference) {
    this.tasks = mapValues(recording.tasks, (attempts) => [...attempts]);
    this.waits = { ...recording.waits };
    this.recording = recording;
    this.onDifference = onDifference;
    this.pending = 0;
  }

  /** The engine's option: a function for each Task state. */
  get handlers() {
    return new Proxy({}, { get: (_, state) => (parameters) => this.answer(state, parameters) });
  }

  /** The engine's option: the wait in which the execution was stopped never ends, and others take their own time. */
  get waitTimes() {
    return new Proxy({}, { get: (_, state) => this.waitTime(state) });
  }

  waitTime(state) {
    this.waits[state] = (this.waits[state] ?? 0) - 1;
    if (this.waits[state] >= 0) return undefined;
    this.pending += 1;
    return Infinity;
  }

  answer(state, parameters) {
    const attempt = this.tasks[state]?.shift();
    if (attempt === undefined) {
      this.pending += 1;
      if (this.pending > this.recording.pending) this.onDifference(`${state}: invoked more often than recorded`);
      adaptNextTimer(() => () => {});
      return NEVER;
    }
    const difference = firstDifference(parameters, attempt.parameters);
    if (difference) this.onDifference(`${state}: parameters: ${difference}`);
    if (attempt.outcome === "timed out") return timeOut(attempt);
    return new Promise((resolve, reject) => {
      const end = attempt.outcome === "succeeded" ? () => resolve(attempt.output) : () => reject(taskError(attempt));
      setTimeout(end, attempt.milliseconds);
    });
  }

  /** Return a text about a task that was invoked less often than recorded, or undefined. */
  unused() {
    const state = Object.keys(this.tasks).find((name) => this.tasks[name].length > 0);
    return state && `${state}: invoked less often than recorded`;
  }
}

/** Never answer. The engine decides when that is a timeout. The States Language leaves the cause open, so the recorded
 * one is used. */
function timeOut(attempt) {
  return new Promise((_, reject) => {
    adaptNextTimer((engineTimesOut) => () => {
      reject(taskError({ error: "States.Timeout", cause: attempt.cause }));
      engineTimesOut();
    });
  });
}

function taskError({ error, cause }) {
  return Object.assign(new Error(cause ?? ""), { name: error });
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
