"""How every run begins and ends.

A run ends in one of three ways, and each tells the truth: succeeded; stopped, with the lock released; stopped where it
was, with the lock held, after something that no one foresaw. `run_end` writes the end down and words the cause.
"""

from __future__ import annotations

from dataclasses import dataclass

from state_machines.asl import Catcher, Fail, Json, JsonObject, Pass, States, Succeed
from state_machines.asl.intrinsics import concat, parsed
from state_machines.compile.context import StepRef
from state_machines.compile.names import Names
from state_machines.compile.retries import FORESEEN, LAMBDA, RETRY_END, TIMEOUT, catch_all
from state_machines.compile.stopping import WayOn, go_on, stop
from state_machines.compile.tasks import call, function_name, payload
from state_machines.documents.application import Objectives
from state_machines.documents.direction import Way
from state_machines.documents.runbook import Runbook

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


# Nothing but the execution itself tells of such an end: it has to name the way on.
_TAKEN_OVER = ". Once the table can be written again, start the next run with take_over: "


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
    done, unrecorded = names.take("Done"), names.take("Done, but the end is not recorded")
    return {
        entry: call(
            function_name("run_end"),
            payload(None, {"outcome": "succeeded", "keep_lock": False}),
            next=done,
            catch=(catch_all(unrecorded),),
            comment="Write the end down and release the lock",
            retry=RETRY_END,
        ),
        done: Succeed("Every step is done, or its failure was passed over by its policy or by a person"),
        unrecorded: Fail(
            "$.error.Error",
            concat(
                "Every step is done, but the end could not be recorded and the lock may be held: ",
                "$.error.Cause",
                _TAKEN_OVER,
                "$.run.id",
            ),
            "The users are served; the record is not complete",
        ),
    }


def _failed(entry: str, names: Names, title: str, way: WayOn, again: str, *, keep_lock: bool) -> States:
    stopped, unrecorded = names.take(title), names.take(title, ", the end not recorded")
    kept = "keep the lock, so that no other run starts before a person has looked" if keep_lock else "release the lock"
    states: States = {
        entry: call(
            function_name("run_end"),
            payload(None, {"outcome": "failed", "keep_lock": keep_lock, "failure.$": "$.failure"}),
            next=stopped,
            catch=(catch_all(unrecorded),),
            comment=f"Write the end down and {kept}",
            retry=RETRY_END,
            result_selector={"error.$": "$.Payload.error", "cause.$": "$.Payload.cause"},
            result_path="$.end",
        ),
        unrecorded: Fail(
            "$.failure.error",
            concat(
                "$.failure.cause",
                " (The end could not be recorded, the lock may be held: ",
                "$.error.Cause",
                ")",
                _TAKEN_OVER,
                "$.run.id",
            ),
            "The failure, as far as it is known",
        ),
    }
    return states | stop(stopped, way, again)
