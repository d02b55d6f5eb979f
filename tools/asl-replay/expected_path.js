// Compares the states that the second engine enters with the recorded ones.

import { firstDifference } from "./first_difference.js";

/** The recorded states in order: those of the machine, and those of each branch of a Parallel state, which run at once. */
export class ExpectedPath {
  constructor(definition, states) {
    this.programs = programs(definition, "machine");
    this.expected = {};
    for (const state of states) (this.expected[this.programs[state.name]] ??= []).push(state);
  }

  /** Whether the execution enters more states than the recording has. */
  endsBefore({ name }) {
    return !this.expected[this.programs[name]]?.length;
  }

  /** Take the next recorded state. Return how the entered state differs from it, or undefined. */
  enter({ name, input }) {
    if (this.endsBefore({ name })) return `${name}: entered after the last recorded state`;
    const expected = this.expected[this.programs[name]].shift();
    if (expected.name !== name) return `${name}: entered instead of ${expected.name}`;
    const difference = firstDifference(input, expected.input);
    return difference && `${name}: input: ${difference}`;
  }

  /** Return a text about a recorded state that the execution did not enter, or undefined. */
  missing() {
    const [state] = Object.values(this.expected).flat();
    return state && `${state.name}: not entered`;
  }
}

/** Return the machine or the branch of each state. */
function programs(definition, program) {
  const found = Object.fromEntries(Object.keys(definition.States).map((state) => [state, program]));
  for (const [state, { Branches = [] }] of Object.entries(definition.States)) {
    Branches.forEach((branch, number) => Object.assign(found, programs(branch, `${state}, branch ${number + 1}`)));
  }
  return found;
}
