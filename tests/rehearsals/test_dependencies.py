"""Computed dependencies: services that a run needs and doesn't need, and who answers its questions."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta

import pytest

from leeward.evidence.dependencies.dependency_table import DependencyTable, OperatorNeed, Requirement
from leeward.rehearsal.dependencies import dependency_runner, outage_trial
from leeward.rehearsal.dependencies.dependency_runner import (
    DependencyRequest,
    NoSuchDependency,
    compute_dependencies,
)
from leeward.rehearsal.dependencies.patient_operator import PatientOperator
from leeward.twin.interception.calls.operation_names import UnknownService
from tests.support.paths import REPOSITORY
from tests.support.website_session import website_session


def compute(service: str, region: str = "us-west-2") -> DependencyTable:
    return compute_dependencies(DependencyRequest(REPOSITORY, "website", "failover", service=service, region=region))


def test_failover_does_not_require_sns() -> None:
    (sns,) = compute("sns").dependencies
    assert sns.requirement is Requirement.NOT_REQUIRED
    assert sns.whole_run is not None
    assert sns.whole_run.failed_calls > 0
    assert sns.whole_run.operator is OperatorNeed.NOT_ASKED


def test_failover_requires_drs_and_asks_about_a_short_outage() -> None:
    (drs,) = compute("drs").dependencies
    assert drs.requirement is Requirement.REQUIRED
    assert drs.whole_run is not None
    assert drs.whole_run.failed_step == "Protect the recovered servers", "the operator skipped the launch"
    assert drs.short is not None
    assert drs.short.operator is OperatorNeed.RETRY_ENOUGH
    assert drs.short.delay_seconds is not None
    assert drs.short.delay_seconds == pytest.approx(timedelta(minutes=19).total_seconds(), abs=90)


def test_run_that_stops_in_a_short_outage_is_resumed_after_it() -> None:
    (lambda_,) = compute("lambda").dependencies
    assert lambda_.short is not None
    assert (lambda_.short.outcome, lambda_.short.operator) == ("failed", OperatorNeed.RESUME_ENOUGH)
    assert lambda_.requirement is Requirement.REQUIRED


def test_uncalled_service_is_not_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependency_runner, "play_outage_trial", lambda *_: pytest.fail("played"))
    (kms,) = compute("kms").dependencies
    assert (kms.requirement, kms.calls) == (Requirement.NOT_CALLED, 0)


def test_trial_that_crashes_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise ValueError("planted")

    monkeypatch.setattr(outage_trial, "_find_differences", crash)
    (sns,) = compute("sns").dependencies
    assert sns.requirement is Requirement.UNKNOWN
    assert sns.whole_run is not None
    assert sns.whole_run.error == "ValueError: planted"


def test_unknown_or_uncalled_names_are_rejected() -> None:
    with pytest.raises(UnknownService, match="sms"):
        compute("sms")
    with pytest.raises(NoSuchDependency, match=r"does not call sqs in us-west-2\. It calls drs in us-east-1"):
        compute("sqs")


def test_operator_retries_while_the_outage_can_end_and_then_once() -> None:
    with website_session() as session:
        now = session.engine.clock.now()
        patient, without_end = PatientOperator(session, now + timedelta(minutes=20)), PatientOperator(session, None)
        assert [patient.decide("recover", now + timedelta(minutes=n)) for n in (1, 9, 18)] == ["retry"] * 3
        assert [patient.decide("recover", now + timedelta(minutes=n)) for n in (19, 20)] == ["retry", "skip"]
        assert [without_end.decide(step, now) for step in ("check", "recover", "check")] == ["retry", "retry", "skip"]


@pytest.mark.verify("plays every service of a run")
def test_command_prints_json_and_one_progress_line_per_trial() -> None:
    command = [sys.executable, "-m", "leeward.cli", "dependencies", "website", "failover", "--service", "sns"]
    shown = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=True)
    assert "sns     us-west-2 +0s       +0s" in shown.stdout
    assert "of 2: sns in us-west-2, whole run: succeeded" in shown.stderr
    done = subprocess.run([*command, "--json"], cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=True)
    (uncalled, called) = json.loads(done.stdout)["dependencies"]
    assert (uncalled["requirement"], called["requirement"]) == ("not called", "not required")
    assert not done.stderr
