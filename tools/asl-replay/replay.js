// Plays recorded executions on a second engine, and compares.
//
// Standard input: {machines: {name: ASL text}, recordings: {name: recording}, replays: [{machine, recording}]}, from
// tests/state_machines/replay/second_engine.py. Standard output: for each replay, its first difference, or null.

import { readFileSync } from "node:fs";
import { ExecutionAbortedError, ExecutionTimeoutError, StateMachine } from "aws-local-stepfunctions";
import { ExpectedPath } from "./expected_path.js";
import { firstDifference } from "./first_difference.js";
import { RecordedTasks } from "./recorded_tasks.js";
import { resetClock, runUntil } from "./virtual_clock.js";

// Recordings have this instead of each token. The engine would need a new token for each task.
const TASK_TOKEN = "task token";

async function replay(definition, recording) {
  const differences = [];
  const note = (difference) => differences.push(difference);
  resetClock(Date.parse(recording.started_at));
  const tasks = new RecordedTasks(recording, note);
  const path = new ExpectedPath(definition, recording.states);
  const execution = new StateMachine(definition, { validationOptions: { noValidate: true } }).run(recording.input, {
    context: { ...recording.context, Task: { Token: TASK_TOKEN } },
    overrides: {
      taskResourceLocalHandlers: tasks.handlers,
      waitTimeOverrides: tasks.waitTimes,
      retryIntervalOverrides: new Proxy({}, { get: () => 0 }), // the pause is random
    },
  });
  let end;
  execution.result.then(
    (output) => (end = { status: "SUCCEEDED", output }),
    (error) => (end = failedEnd(error)),
  );
  const wasStopped = recording.end.status === "ABORTED";
  follow(execution.eventLogs, (state) => {
    if (wasStopped && path.endsBefore(state)) return execution.abort();
    const difference = path.enter(state);
    if (difference) note(difference);
    if (differences.length > 0) execution.abort(); // a changed machine may loop without end
  });
  await runUntil(() => {
    if (wasStopped && tasks.pending === recording.pending) execution.abort();
    return end !== undefined || differences.length > 0;
  });
  execution.abort();
  return differences[0] ?? path.missing() ?? differentEnd(end, recording.end) ?? tasks.unused();
}

async function follow(events, onState) {
  for await (const event of events) if (event.type === "StateEntered") onState(event.state);
}

function failedEnd(error) {
  if (error instanceof ExecutionAbortedError) return { status: "ABORTED" };
  if (error instanceof ExecutionTimeoutError) return { status: "TIMED_OUT" };
  return { status: "FAILED", error: error.cause.name, cause: error.cause.message };
}

function differentEnd(end, expected) {
  const difference = firstDifference(end, expected);
  return difference && `end: ${difference}`;
}

/** The engine takes the result path "$" for the name of a field. By the specification, it is the default. */
function withoutDefaults(key, value) {
  return key === "ResultPath" && value === "$" ? undefined : value;
}

const { machines, recordings, replays } = JSON.parse(readFileSync(0, "utf8"));
const results = [];
for (const { machine, recording } of replays) {
  const definition = JSON.parse(machines[machine], withoutDefaults);
  results.push((await replay(definition, recordings[recording])) ?? null);
}
process.stdout.write(JSON.stringify(results));
