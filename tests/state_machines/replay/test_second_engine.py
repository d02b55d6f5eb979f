"""A second engine, which shares no code with moto, agrees with the twin's engine about the generated machines.

It plays each recorded execution with the recorded answers of the Lambda functions. The states that it enters, what it
passes to each state and to each function, the end, the error, and the cause must be the recorded ones. No recording is
excluded. Times are not compared: retries pause for a random time.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from leeward.rehearsal.sweep.faults.planned_faults import parse_fault_set
from leeward.rehearsal.sweep.sweep_setup import SweepTarget
from tests.state_machines.replay.mutation_operators import OPERATORS
from tests.state_machines.replay.mutations import draw_mutations
from tests.state_machines.replay.recorded_trials import record_runbooks
from tests.state_machines.replay.recordings import Recording
from tests.state_machines.replay.second_engine import Replay, find_differences, require_second_engine
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY

SEED = 7
JOBS = 2
MUTATIONS = 50
TIMEOUTS = frozenset({"States.Timeout", "States.HeartbeatTimeout", "Sandbox.Timedout"})
GENERATED = REPOSITORY / "state_machines" / "generated"
TEXTS = {
    str(path.relative_to(GENERATED)).removesuffix(".asl.json"): path.read_text(encoding="utf-8")
    for path in sorted(GENERATED.glob("*/*.asl.json"))
}
# The failovers are played before the failbacks. The fast trials are those of a short one.
FAST_TRIALS = {name: 0 for name in TEXTS if "/failover" not in name} | {"ticketing/failover": 4}
ALL_TRIALS = dict.fromkeys(TEXTS, 40)


def record(trials: dict[str, int], factory: pytest.TempPathFactory) -> list[Recording]:
    require_second_engine()
    targets = {sweep_target(name): count for name, count in trials.items()}
    return record_runbooks(targets, factory.mktemp("recordings"), JOBS)


def sweep_target(name: str) -> SweepTarget:
    application, _, runbook = name.partition("/")
    return SweepTarget(REPOSITORY, application, runbook, SEED)


@pytest.fixture(scope="module")
def fast_recordings(tmp_path_factory: pytest.TempPathFactory) -> list[Recording]:
    return record(FAST_TRIALS, tmp_path_factory)


@pytest.fixture(scope="module")
def all_recordings(tmp_path_factory: pytest.TempPathFactory) -> list[Recording]:
    return record(ALL_TRIALS, tmp_path_factory)


def list_differences(recordings: Sequence[Recording]) -> list[str]:
    found = find_differences(Replay(TEXTS[each.machine], each) for each in recordings)
    return [f"{each.name}: {text}" for each, text in zip(nonempty(recordings), found, strict=True) if text]


def undetected_mutations(recordings: Sequence[Recording]) -> list[str]:
    definitions: dict[str, Any] = {name: json.loads(text) for name, text in TEXTS.items()}
    mutations = draw_mutations(recordings, definitions, OPERATORS, SEED, MUTATIONS)
    found = find_differences(Replay(each.definition, each.witness) for each in mutations)
    return [str(each) for each, text in zip(nonempty(mutations), found, strict=True) if not text]


def failing_trials(recordings: Sequence[Recording]) -> list[Recording]:
    """Trials in which an invocation failed or timed out, or whose execution failed or was stopped."""
    return [each for each in recordings if each.errors or each.end["status"] != "SUCCEEDED"]


def test_second_engine_replays_every_machine(fast_recordings: list[Recording]) -> None:
    rehearsals = [each for each in fast_recordings if each.end["status"] == "SUCCEEDED"]
    assert {each.machine for each in rehearsals} == set(TEXTS)
    assert list_differences(rehearsals) == []


def test_second_engine_replays_failing_trials(fast_recordings: list[Recording]) -> None:
    assert list_differences(failing_trials(fast_recordings)) == []


def test_second_engine_detects_mutations(fast_recordings: list[Recording]) -> None:
    assert undetected_mutations(fast_recordings) == []


@pytest.mark.verify("440 trials")
def test_second_engine_replays_200_failing_trials(all_recordings: list[Recording]) -> None:
    failing = failing_trials(all_recordings)
    assert len(failing) >= 200
    assert sum(not TIMEOUTS.isdisjoint(each.errors) for each in failing) >= 20
    assert sum(not TIMEOUTS.issuperset(each.errors) for each in failing) >= 20
    assert {each.machine for each in failing} == set(TEXTS)
    assert {each.end["status"] for each in failing} == {"SUCCEEDED", "FAILED", "ABORTED"}
    kinds = {fault.point_kind for each in failing for fault in parse_fault_set(each.name.split(" ")[1])}
    assert kinds == {"call", "lambda", "state", "step", "operator"}
    assert list_differences(all_recordings) == []


@pytest.mark.verify("needs the recordings of 440 trials")
def test_second_engine_detects_mutations_of_all_machines(all_recordings: list[Recording]) -> None:
    assert undetected_mutations(all_recordings) == []
