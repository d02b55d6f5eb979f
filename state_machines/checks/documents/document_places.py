"""Checks the places that a machine names: Regions, accounts, and its own runbook; and the time that a run may take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from leeward.kinds.builtin import PLUGIN
from leeward.kinds.kind_collection import plugin_of
from leeward.state_machines.analysis.execution_bounds import max_seconds
from leeward.state_machines.analysis.loop_bounds import UnboundedLoop
from leeward.state_machines.asl import PassState, StateMachine, TaskState
from leeward.state_machines.checks.expectations.expected_steps import MachineDocuments, canonical, expected_steps
from leeward.state_machines.checks.findings.machine_finding import MachineFinding
from leeward.state_machines.step_kinds.step_behavior import kind_of

# Names such as us-east-1, and the account in an ARN (AWS General Reference, "Amazon Resource Names").
_REGION = re.compile(r"(?<![a-z0-9])(?:us-gov|[a-z]{2})-(?:north|south|east|west|central)(?:east|west)?-\d(?![0-9a-z])")
_ACCOUNT = re.compile(r"arn:[a-z-]+:[a-z0-9-]*:[a-z0-9-]*:(\d{12}):")


def check_places(machine: StateMachine, documents: MachineDocuments) -> Iterator[MachineFinding]:
    """Yield the Regions and accounts that no document names. Only what a state passes on counts."""
    text = documents.application.model_dump_json(by_alias=True) + documents.runbook.model_dump_json(by_alias=True)
    # Only a plug-in knows which other places its kinds act in.
    text += "".join(
        canonical(task.parameters)
        for step in expected_steps(documents)
        if plugin_of(kind_of(step.model)) != PLUGIN.name
        for task in step.tasks
    )
    regions, accounts = set(_REGION.findall(text)), {*_ACCOUNT.findall(text), documents.application.account}
    for name, state in machine.states.items():
        if not isinstance(state, TaskState | PassState):
            continue
        for value in _texts(state.parameters):
            for region in sorted(set(_REGION.findall(value)) - regions):
                yield MachineFinding("places", name, f"names the Region {region}, which the documents don't have")
            for account in sorted(set(_ACCOUNT.findall(value)) - accounts):
                yield MachineFinding("places", name, f"names the account {account}, which the documents don't have")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _texts(item)


def check_run_time(machine: StateMachine, documents: MachineDocuments) -> Iterator[MachineFinding]:
    """Yield a time limit that isn't the runbook's, or the longest path's if that takes longer."""
    try:
        longest = max_seconds(machine.start_at, machine.states)
    except UnboundedLoop:
        return  # the `loops` check reports it
    limit = max(int(documents.runbook.timeout.total_seconds()), longest)
    if machine.timeout_seconds != limit:
        text = f"a run may take {machine.timeout_seconds} s, but the runbook and its longest path allow {limit} s"
        yield MachineFinding("run time", machine.start_at, text)
