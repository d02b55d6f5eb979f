"""How every run begins and ends.

A run ends in one of three ways, and each tells the truth: succeeded; stopped, with the lock released; stopped where it
was, with the lock held, after something that no one foresaw. `run_end` writes the end down and words the cause.
"""

from __future__ import annotations

from dataclasses import dataclass

from leeward.state_machines.asl import Catcher, Fail, Json, JsonObject, Pass, States, Succeed, Task
from leeward.state_machines.asl.intrinsics import parsed
from leeward.state_machines.compile.context import StepRef
from leeward.state_machines.compile.names import Names
from leeward.state_machines.compile.retries import FORESEEN, LAMBDA, RETRY_END, TIMEOUT, catch_all
from leeward.state_machines.compile.stopping import WayOn, go_on, stop
from leeward.state_machines.compile.tasks import call, function_name, payload
from leeward.state_machines.documents.application import Objectives
from leeward.state_machines.documents.direction import Way
from leeward.state_machines.documents.runbook import Runbook

_OURS = tuple(name for name in FORESEEN if name not in (*LAMBDA, TIMEOUT))


@dataclass(frozen=True, slots=True)
class Ends:
    """The three ways to end. `stopped` and `halted` (lock held) expect `$.failure`."""

    succeeded: str
    stopped: str
    halted: str

    @classmethod
    def named(cls, names: Names) -> Ends:
        """The ends' names in one machine."""
        return cls(*(names.take(name) for name in ("Record the end", "Record the stop", "Record the stop, lock held")))


def begin(
    runbook: Runbook, way: Way, objectives: Objectives, *, steps: tuple[StepRef, ...], names: Names, first: str
) -> tuple[str, States]:
    """The first state, which makes `$.run` and `$.attempts` of the run's input, and its failed ways out."""
    start, refused, failed = (names.take(name) for name in ("Begin the run", "Refused to begin", "Could not begin"))
    worded = names.take("Say why it was refused")
    listed: list[Json] = [{"id": step.id, "name": step.name, "kind": step.kind} for step in steps]
    parameters: JsonObject = {
        "execution": {
            "id.$": "$$.Execution.Id",
            "name.$": "$$.Execution.Name",
            "started_at.$": "$$.Execution.StartTime",
            "input.$": "$$.Execution.Input",
        },
        "runbook": {
            "application": runbook.application,
            "runbook": runbook.runbook,
            "origin": way.origin,
            "target": way.target,
            "rto_seconds": int(objectives.rto.total_seconds()),
            "rpo_seconds": int(objectives.rpo.total_seconds()),
            "steps": listed,
        },
    }
    attempts: JsonObject = {step.id: 1 for step in steps}
    return start, {
        start: call(
            function_name("run_begin"),
            {"parameters": parameters},
            next=first,
            # The whole input is replaced by the error, whatever the input was: nothing of the run exists yet.
            catch=(Catcher(_OURS, worded, "$"), catch_all(failed, "$")),
            comment="Check the run's input and write down that the run begins",
            result_selector={"run.$": "$.Payload", "attempts": attempts},
            result_path="$",
        ),
        worded: Pass(
            {"error.$": "$.Error", "told.$": parsed("$.Cause")}, refused, comment="Take the message out of the error"
        ),
        refused: Fail("$.error", "$.told.errorMessage", "Nothing was done"),
        failed: Fail("$.Error", "$.Cause", "Nothing was done"),
    }


def ends(ends: Ends, names: Names, way: WayOn) -> States:
    """The ends' states."""
    again = names.take("Go on where it stopped")
    return (
        _succeeded(ends.succeeded, names)
        | _failed(ends.stopped, names, "Stopped", way, again, keep_lock=False)
        | _failed(ends.halted, names, "Stopped, lock held", way, again, keep_lock=True)
        | go_on(again, names, way)
    )


def _succeeded(entry: str, names: Names) -> States:
    done = names.take("Done")
    return {
        entry: _record("Write the end down and release the lock", done, {"outcome": "succeeded", "keep_lock": False}),
        done: Succeed("Every step is done, or its failure was passed over by its policy or by a person"),
    }


def _failed(entry: str, names: Names, title: str, way: WayOn, again: str, *, keep_lock: bool) -> States:
    stopped = names.take(title)
    kept = "keep the lock, so that no other run starts before a person has looked" if keep_lock else "release the lock"
    given: JsonObject = {"outcome": "failed", "keep_lock": keep_lock, "failure.$": "$.failure"}
    told: JsonObject = {"error.$": "$.Payload.error", "cause.$": "$.Payload.cause"}
    return {entry: _record(f"Write the end down and {kept}", stopped, given, told)} | stop(stopped, way, again)


def _record(comment: str, next: str, given: JsonObject, told: JsonObject | None = None) -> Task:
    """Nothing is caught: where the end cannot be recorded, the execution fails at this task, with the words of
    `run_end`; redriven, it is tried again, which no Fail state would be."""
    return call(
        function_name("run_end"),
        payload(None, given),
        next=next,
        catch=(),
        comment=comment,
        retry=RETRY_END,
        result_selector=told,
        result_path=None if told is None else "$.end",
    )
