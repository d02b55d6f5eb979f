"""A service that is down for ten minutes doesn't stop a sample run. The run waits for it, or asks and says why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from leeward.control.approvals.questions import QuestionKind
from leeward.control.journal.run_journal import JournalEvent
from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.scenarios.aws_faults.aws_fault_documents import ServiceFails
from leeward.rehearsal.scenarios.scenario_documents import LaunchFails, OperatorSettings
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.twin.interception import SERVICE_FAULTS
from tests.rehearsals.outages.short_outages import play_short_outages
from tests.support.nonempty import nonempty
from tests.support.paths import RUNBOOKS_FOLDER
from tests.support.website_session import WEST, compile_website, run_to_end, website_session

# The names in the texts of errors, by boto3's name of the service.
SERVICES = {"ec2": "ec2", "drs": "drs", "elbv2": "elasticloadbalancing", "dynamodb": "dynamodb"}
RUNBOOKS = [path for path in sorted(RUNBOOKS_FOLDER.glob("*/*.yaml")) if path.stem != "application"]
RETRY = OperatorSettings(failure="retry")


def assert_no_run_stops(application: str, runbook: str) -> None:
    ends = play_short_outages(application, runbook, SERVICES, first_steps_only=True)
    for outage, end in nonempty(ends.items()):
        assert end.failed_calls > 0, outage
        assert end.has_succeeded, f"{outage}: {end.cause}"
        assert [text for text in end.questions if SERVICES[outage.service] not in text] == [], outage


@pytest.mark.verify("a rehearsal for each service and Region, minutes for a runbook with users who write")
@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_sample_run_waits_for_a_service_that_is_down_or_asks(path: Any) -> None:
    assert_no_run_stops(path.parent.name, path.stem)


@pytest.mark.parametrize("service", ["sns", "events", "cloudwatch", "states"])
def test_drill_does_not_need_a_service_that_only_watches_it(service: str) -> None:
    down = ServiceFails.model_validate({"kind": "service", "service": service, "fault": "server-error"})
    with website_session(down, ready=compile_website(name="drill"), failed_region=None) as stage:
        result, run, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert read_questions(stage, run) == []


def read_questions(stage: RehearsalSession, run: RehearsedRun) -> list[tuple[str | None, str, Any]]:
    """The step, the text, and the choices of each question about a failed step."""
    return [
        (entry.step, entry.detail, entry.facts["choices"])
        for entry in stage.journals.journal(run)
        if entry.event is JournalEvent.QUESTION_ASKED and entry.facts["kind"] == QuestionKind.FAILURE
    ]


def test_question_about_a_longer_outage_names_the_service_and_offers_a_retry() -> None:
    down = ServiceFails.model_validate(
        {"kind": "service", "service": "elbv2", "region": WEST, "fault": "server-error", "until": "30m"}
    )
    with website_session(down) as stage:  # whose operator aborts
        _, run, _ = run_to_end(stage, approve=True)
        ((step, text, choices),) = read_questions(stage, run)
    assert (step, choices) == ("check_that_the_failover_can_succeed", ["retry", "skip", "abort"])
    assert text.startswith(
        "TimedOut: Not done within 12m. Last seen: ServiceUnavailable: elasticloadbalancing:DescribeTargetGroups: "
    )


def test_failure_during_an_outage_of_the_table_is_asked_about_after_it() -> None:
    """The record of the failure is retried. Before, the run stopped after a minute and kept the lock."""
    with website_session(LaunchFails(kind="launch-fails", group="database", times=1), operator=RETRY) as stage:

        def take_table_down(_execution: str, event: Mapping[str, Any]) -> None:
            if event.get("stateEnteredEventDetails", {}).get("name") == "Recover the servers: failed":
                now = stage.engine.clock.now()
                stage.engine.interceptor.schedule_service_outage(
                    "dynamodb", WEST, SERVICE_FAULTS["server-error"], now, now + timedelta(minutes=5)
                )

        stage.engine.add_event_listener(take_table_down)
        result, run, _ = run_to_end(stage, approve=True)
        ((step, text, _),) = read_questions(stage, run)
    assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
    assert step == "recover_the_servers"
    assert text.startswith("LaunchFailed: ")
