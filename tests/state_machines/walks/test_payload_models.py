"""What the machines send is what the handlers take: every payload of every machine against the handlers' own models."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from leeward.control.run.run_reference import RunRef
from leeward.lambdas.runtime.invocation.task_events import (
    BeginEvent,
    Parameters,
    RunEvent,
    RunTokenEvent,
    StepReportEvent,
    TokenEvent,
    WaitingEvent,
)
from leeward.state_machines.analysis.state_graph import task_payload
from leeward.state_machines.asl import TaskState
from leeward.state_machines.compile.runbook_compiler import CompiledRunbook
from tests.state_machines.conftest import every_machine
from tests.state_machines.walks.graph_walker import GraphWalker
from tests.state_machines.walks.scripted_answers import Answer, begun, raising, scripted_decisions, waiting_answer

MACHINES = every_machine()


def begin_answer(compiled: CompiledRunbook) -> Answer:
    """A run's reference as run_begin makes it."""
    run = RunRef(
        id="run-1",
        application=compiled.application,
        runbook=compiled.runbook,
        origin=compiled.run_regions.origin,
        target=compiled.run_regions.target,
        started_at=datetime(2026, 3, 1, 9, tzinfo=UTC),
        incident_at=None,
        point_in_time=None,
        accept_data_loss=False,
        approved=False,
        reason=None,
        take_over=None,
    )
    return lambda _: begun(**run.model_dump(mode="json"))


def waiting_twice(payload: dict[str, Any]) -> Any:
    return waiting_answer(payload, done="attempt" in payload["poll"])


def polled_functions(compiled: CompiledRunbook) -> set[str]:
    """The functions that a machine polls."""
    return {
        str(state.parameters["FunctionName"]).removeprefix("leeward-")
        for state in compiled.machine.states.values()
        if "poll" in task_payload(state) and isinstance(state, TaskState)
    }


def walks(compiled: CompiledRunbook) -> Iterator[GraphWalker]:
    """A run that waits, and one run for each way to fail."""
    waits: dict[str, Answer] = dict.fromkeys(polled_functions(compiled), waiting_twice)
    failures: list[dict[str, Answer]] = [
        {},
        waits,
        {"drs-recover": raising("LaunchFailed"), "ask": scripted_decisions("abort")},
        {"arc-route": raising("RouteUnconfirmed")},
        {"preflight": raising("UnexpectedError")},
        {"http-check": raising("NotServing")},
        {"preflight": raising("RpoExceeded"), "ask": scripted_decisions("skip")},
        {"drs-await-replication": raising("ReplicationStalled"), "ask": scripted_decisions("abort")},
        {"drs-retire": raising("NotProtected"), "ask": scripted_decisions("skip")},
    ]
    for answers in failures:
        yield GraphWalker(compiled.definition, {"run-begin": begin_answer(compiled), **answers}).run()


def model_of(function: str, payload: dict[str, Any]) -> type[BaseModel]:
    """The event that the handler of `function` takes."""
    module = importlib.import_module(f"leeward.lambdas.{function.replace('-', '_')}")
    # Most modules define their parameters; some share those of the task that they undo. Bases are imported beside them.
    found = {value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Parameters)}
    (parameters,) = [
        value
        for value in found
        if not any(value in other.__bases__ for other in found | {Parameters})
        and value.__module__ != Parameters.__module__
    ]
    event: Any = StepReportEvent
    if "run" not in payload:
        event = BeginEvent
    elif "step" not in payload:
        event = RunTokenEvent if "token" in payload else RunEvent
    elif "poll" in payload:
        event = WaitingEvent
    elif "token" in payload:
        event = TokenEvent
    model: type[BaseModel] = event[parameters]
    return model


@pytest.mark.parametrize("compiled", MACHINES, ids=lambda c: f"{c.application}-{c.runbook}")
def test_every_payload_matches_handler_model(compiled: CompiledRunbook) -> None:
    for walk in walks(compiled):
        for function, payload in walk.calls:
            if not function.startswith("shop-"):  # a team's own function
                model_of(function, payload).model_validate(payload)
