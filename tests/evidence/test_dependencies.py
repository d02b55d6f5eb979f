"""Dependency tables: how trials are classified, how a table is told from an outdated one, and its texts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from leeward.evidence.dependencies.dependency_table import (
    DependencyTable,
    FailureQuestion,
    OperatorNeed,
    OutageTrial,
    Requirement,
    ServiceDependency,
)
from leeward.evidence.dependencies.dependency_text import dependency_cells, list_details, list_required, list_uncalled
from leeward.evidence.dependencies.input_digest import digest_inputs
from leeward.evidence.dependencies.table_files import read_current_table, write_table
from tests.support.paths import REPOSITORY

RETRIED = FailureQuestion(step="Recover", asked=2, retries=2, skips=0)
SKIPPED = FailureQuestion(step="Check", asked=2, retries=1, skips=1)
STOPPED = OutageTrial(outage_seconds=None, outcome="failed", failed_step="Recover", error="TimedOut")


def reached(delay: float, *questions: FailureQuestion, seconds: int | None = 1200) -> OutageTrial:
    return OutageTrial(
        outage_seconds=seconds, outcome="succeeded", reached_goal=True, delay_seconds=delay, questions=list(questions),
        failed_calls=3,
    )  # fmt: skip


def row(whole: OutageTrial | None, short: OutageTrial | None, service: str = "drs") -> ServiceDependency:
    return ServiceDependency(service=service, region="us-west-2", calls=4, whole_run=whole, short=short)


def table(*rows: ServiceDependency, inputs: str = "") -> DependencyTable:
    return DependencyTable(
        application="website", runbook="failover", scenario="region-dark", seed=7, inputs=inputs, clean_seconds=1960,
        dependencies=list(rows),
    )  # fmt: skip


RESUMED = OutageTrial(outage_seconds=1200, outcome="failed", resumed=True, delay_seconds=1260, error="no lock")
NOT_PLAYED = OutageTrial(outage_seconds=1200, error="it crashed")


@pytest.mark.parametrize(
    ("whole", "short", "requirement"),
    [
        (None, None, Requirement.NOT_CALLED),
        (reached(2), reached(1), Requirement.NOT_REQUIRED),
        (reached(59.9), reached(-30), Requirement.NOT_REQUIRED),
        (reached(60), reached(1), Requirement.DELAYS),
        (reached(1), reached(1140, RETRIED), Requirement.DELAYS),
        (STOPPED, reached(1140), Requirement.REQUIRED),
        (reached(1), RESUMED, Requirement.REQUIRED),
        (reached(1), NOT_PLAYED, Requirement.UNKNOWN),
    ],
)
def test_requirement_follows_from_both_trials(
    whole: OutageTrial | None, short: OutageTrial | None, requirement: Requirement
) -> None:
    assert row(whole, short).requirement is requirement


@pytest.mark.parametrize(
    ("trial", "need"),
    [
        (reached(2), OperatorNeed.NOT_ASKED),
        (reached(2, RETRIED), OperatorNeed.RETRY_ENOUGH),
        (reached(2, RETRIED, SKIPPED), OperatorNeed.NEEDED),
        (RESUMED, OperatorNeed.RESUME_ENOUGH),
        (STOPPED, OperatorNeed.NEEDED),
    ],
)
def test_person_was_needed_only_if_waiting_was_not_enough(trial: OutageTrial, need: OperatorNeed) -> None:
    assert trial.operator is need


def test_texts_say_where_a_person_was_asked_and_what_the_run_requires() -> None:
    made = table(
        row(STOPPED, reached(1140, RETRIED)), row(reached(1), reached(1), "sns"), row(None, None, "kms"),
        row(STOPPED, RESUMED, "dynamodb"),
    )  # fmt: skip
    assert dependency_cells(made.dependencies[0])[2:] == ("stops", "+19m", "retry was enough")
    unmet = reached(0).model_copy(update={"failed_calls": 0})
    assert dependency_cells(row(reached(61), unmet))[2:] == ("+1m1s", "no call", "")
    assert list_required(made) == "us-west-2: drs, dynamodb"
    assert list_uncalled(made) == "kms in us-west-2"
    details = list(list_details(made))
    assert details[:2] == [
        "drs in us-west-2, whole run: stopped at 'Recover'",
        "drs in us-west-2, 20m: asked at 'Recover' (answered retry 2x)",
    ]
    assert details[-1].startswith("dynamodb in us-west-2, 20m: stopped: no lock; ")
    assert details[-1].endswith("reached its goal when resumed after the outage, 21m later")


def test_table_is_current_until_an_input_changes(tmp_path: Path) -> None:
    for folder in ("runbooks/website", "state_machines/generated/website", "workloads/website"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    made = table(row(STOPPED, RESUMED), inputs=digest_inputs(tmp_path, "website"))
    assert made.inputs == digest_inputs(REPOSITORY, "website")
    assert read_current_table(tmp_path, "website", "failover") is None
    write_table(tmp_path, made)
    assert read_current_table(tmp_path, "website", "failover") == made
    assert read_current_table(tmp_path, "website", "failback") is None
    world = tmp_path / "workloads/website/world.yaml"
    world.write_text(world.read_text("utf-8") + "# changed\n", encoding="utf-8")
    assert read_current_table(tmp_path, "website", "failover") is None


def test_committed_table_is_used_if_none_was_computed(tmp_path: Path) -> None:
    made = table(row(STOPPED, RESUMED), inputs=digest_inputs(tmp_path, "website"))
    committed = tmp_path / "docs" / "generated" / "dependencies.json"
    committed.parent.mkdir(parents=True)
    committed.write_text(json.dumps({"website failover": made.model_dump(mode="json")}), encoding="utf-8")
    assert read_current_table(tmp_path, "website", "failover") == made
    assert read_current_table(tmp_path, "website", "drill") is None


@pytest.mark.parametrize(
    ("whole", "short", "person"),
    [
        (None, None, ""),
        (None, reached(1), ""),
        (reached(1), None, ""),
        (reached(1, RETRIED), None, "retry was enough"),
        (reached(1, RETRIED), reached(1), "retry was enough"),
        (reached(1, SKIPPED), reached(1), "needed"),
        (reached(1, SKIPPED), reached(1, RETRIED), "retry was enough"),
        (STOPPED, reached(1), ""),
        (STOPPED, None, ""),
        (STOPPED, RESUMED, "resume was enough"),
        (reached(1), STOPPED, "needed"),
    ],
)
def test_person_is_that_of_the_short_outage_or_of_a_reached_goal(
    whole: OutageTrial | None, short: OutageTrial | None, person: str
) -> None:
    assert dependency_cells(row(whole, short))[4] == person


@pytest.mark.parametrize(
    ("trial", "cell"),
    [
        (None, ""),
        (NOT_PLAYED, "not played"),
        (reached(61), "+1m1s"),
        (reached(-5), "+0s"),
        (reached(5).model_copy(update={"failed_calls": 0}), "no call"),
        (STOPPED, "stops"),
        (STOPPED.model_copy(update={"outcome": "timed_out"}), "stops"),
        (STOPPED.model_copy(update={"outcome": "succeeded"}), "misses goal"),
    ],
)
def test_cell_says_how_the_run_ended(trial: OutageTrial | None, cell: str) -> None:
    assert dependency_cells(row(trial, None))[2] == cell


@pytest.mark.parametrize(
    ("trial", "facts"),
    [
        (NOT_PLAYED, ["20m: not played: it crashed"]),
        (reached(1), []),
        (reached(1, RETRIED, SKIPPED), [
            "20m: asked at 'Recover' (answered retry 2x); asked at 'Check' (answered retry 1x, skip 1x)"
        ]),
        (reached(1, FailureQuestion(step="Ask", asked=1, retries=0, skips=0), seconds=None), [
            "whole run: asked at 'Ask' (answered too late)"
        ]),
        (STOPPED, ["whole run: stopped at 'Recover'"]),
        (STOPPED.model_copy(update={"outage_seconds": 60}), ["1m: stopped at 'Recover': TimedOut"]),
        (STOPPED.model_copy(update={"failed_step": ""}), ["whole run: stopped: TimedOut"]),
        (RESUMED, ["20m: stopped: no lock; reached its goal when resumed after the outage, 21m later"]),
        (reached(1).model_copy(update={"unmet_steps": ["A", "B"], "differences": ["x", "y"]}), [
            "20m: left out A; left out B; x"
        ]),
    ],
)  # fmt: skip
def test_details_of_a_trial_are_sentences(trial: OutageTrial, facts: list[str]) -> None:
    assert list(list_details(table(row(trial, None)))) == [f"drs in us-west-2, {fact}" for fact in facts]
