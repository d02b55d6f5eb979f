// Names the first place at which two JSON values differ.

import { isDeepStrictEqual } from "node:util";

/** Return the place and both values as text, or undefined when the values are equal. */
export function firstDifference(actual, expected, place = "$") {
  if (isDeepStrictEqual(actual, expected)) return undefined;
  if (isContainer(actual) && isContainer(expected)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const difference = firstDifference(actual[key], expected[key], `${place}.${key}`);
      if (difference) return difference;
    }
  }
  return `${place} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`;
}

function isContainer(value) {
  return typeof value === "object" && value !== null;
}
