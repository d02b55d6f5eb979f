"""Counts the AWS calls, state transitions, Lambda invocations, and history events of a run, in total and by step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from leeward.rehearsal.assessment.usage.history_events import events_by_state, is_state_entered, largest_payload_bytes
from leeward.rehearsal.results.reports.usage_report import OUTSIDE_STEPS, MeasuredUsage, StepUsage
from leeward.state_machines.compile.runbook_compiler import CompiledStep
from leeward.twin.engine.lambda_runtime.invocation import InvocationRecord
from leeward.twin.interception import AwsCall


def measure_usage(
    steps: Sequence[CompiledStep],
    calls: Iterable[AwsCall],
    invocations: Sequence[InvocationRecord],
    events: Sequence[Mapping[str, Any]],
) -> MeasuredUsage:
    """Return the usage of a run.

    `calls` and `invocations` are the run's own, and `events` is its execution history. Each of them counts for the step
    whose state it came from. What came from no step's state counts for the row outside the steps.
    """
    step_ids = {state: step.id for step in steps for state in _list_states(step)}
    calls_of: dict[str | None, Counter[str]] = {}
    for call in calls:
        calls_of.setdefault(step_ids.get(call.state), Counter())[call.operation] += 1
    invocations_of = Counter(step_ids.get(invocation.state) for invocation in invocations)
    events_of: Counter[str | None] = Counter()
    transitions_of: Counter[str | None] = Counter()
    for state, event in events_by_state(events):
        events_of[step_ids.get(state)] += 1
        transitions_of[step_ids.get(state)] += is_state_entered(event)
    rows: list[tuple[str | None, str, str | None]] = [
        *((step.id, step.name, step.kind) for step in steps),
        (None, OUTSIDE_STEPS, None),
    ]
    return MeasuredUsage(
        state_transitions=transitions_of.total(),
        lambda_invocations=len(invocations),
        api_calls=dict(sorted(sum(calls_of.values(), Counter()).items())),
        history_events=len(events),
        largest_payload_bytes=largest_payload_bytes(events),
        longest_invocation_seconds=max(map(_seconds, invocations), default=0.0),
        by_step=[
            StepUsage(
                id=step_id,
                name=name,
                kind=kind,
                api_calls=dict(sorted(calls_of.get(step_id, Counter()).items())),
                state_transitions=transitions_of[step_id],
                lambda_invocations=invocations_of[step_id],
                history_events=events_of[step_id],
            )
            for step_id, name, kind in rows
        ],
    )


def _list_states(step: CompiledStep) -> Iterator[str]:
    yield from (*step.states, *step.undo_states)
    if step.gate is not None:
        yield step.gate


def _seconds(invocation: InvocationRecord) -> float:
    """Return how long the caller waited. An invocation that the end of the run cut off counts as 0 seconds."""
    return ((invocation.ended_at or invocation.began_at) - invocation.began_at).total_seconds()
