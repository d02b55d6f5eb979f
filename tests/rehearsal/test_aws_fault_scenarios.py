"""Scenarios in which a whole service fails, or invocations fail: their documents, and their effect on a run."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.scenarios.aws_faults.aws_fault_documents import InvocationFails, ServiceFails
from leeward.rehearsal.scenarios.compiled_runbooks import CannotRehearse
from leeward.rehearsal.scenarios.scenario_documents import Scenario
from leeward.rehearsal.scenarios.scenario_loader import check_scenario_names
from leeward.rehearsal.server.hosting.on_demand_incidents import InvalidIncident, check_fault
from leeward.state_machines.load.document_loader import LoadedDocument, load_text
from tests.support.nonempty import nonempty
from tests.support.website_session import (
    WEST,
    broken_invariants,
    compile_website,
    count_recovery_jobs,
    drill_scenario,
    run_to_end,
    website_session,
)

SNS = "kind: service, service: sns, region: us-west-2, fault: server-error"


def load(fault: str) -> Any:
    text = f"scenario: x\nincident: {{at: 1m}}\nfaults:\n  - {{{fault}}}\n"
    return load_text(text, Path("x.yaml"), Scenario)


def loaded(fault: str) -> Any:
    found = load(fault)
    assert isinstance(found, LoadedDocument), "\n".join(map(str, found))
    return found.model.faults[0]


def problem(fault: str) -> str:
    found = load(fault)
    assert not isinstance(found, LoadedDocument)
    return "\n".join(map(str, found))


@pytest.mark.parametrize("fault", ["server-error", "throttled", "denied", "black-hole"])
def test_service_fault_is_read(fault: str) -> None:
    read = loaded(f"kind: service, service: sns, region: us-west-2, fault: {fault}, from: 0m, until: 20m")
    assert isinstance(read, ServiceFails)
    assert (read.service, read.region, read.fault) == ("sns", WEST, fault)
    assert (read.starts, read.until) == (timedelta(0), timedelta(minutes=20))


def test_service_fault_has_either_service_name_and_optional_region_and_times() -> None:
    read = loaded("kind: service, service: states, fault: throttled")
    assert (read.service, read.region, read.starts, read.until) == ("stepfunctions", None, timedelta(0), None)


@pytest.mark.parametrize(
    ("fault", "texts"),
    [
        ("kind: service, service: snss, fault: denied", ("x.yaml:4", "'snss' is not an AWS service", "is sns meant?")),
        (
            "kind: service, service: sns, region: us-wset-2, fault: denied",
            ("x.yaml:4", "'us-wset-2' is not an AWS Region", "is us-west-2 meant?"),
        ),
        (SNS + ", from: 5m, until: 5m", ("x.yaml:4", "`until` is not after `from`", "use a later `until`")),
        ("kind: service, service: sns, fault: eaten", ("x.yaml:4", "server-error", "black-hole")),
        (
            "kind: service, service: route53, region: us-west-2, fault: throttled",
            ("route53 has its only API in us-east-1", "use `region: us-east-1`"),
        ),
        (
            "kind: invocation, function: drs-recover, error: Lambda.ServiceExeption",
            ("x.yaml:4", "is not an error of a Lambda invocation", "is Lambda.ServiceException meant?"),
        ),
        (
            "kind: invocation, function: drs-recover, error: Lambda.TooManyRequestsException, moment: after",
            ("x.yaml:4", "can occur only before the handler"),
        ),
        ("kind: invocation, function: drs-recover, error: Sandbox.Timedout, nth: 0", ("x.yaml:4", "nth")),
    ],
)
def test_invalid_fault_names_place_problem_and_fix(fault: str, texts: tuple[str, ...]) -> None:
    said = problem(fault)
    for text in nonempty(texts):
        assert text in said


@pytest.mark.parametrize(
    ("fault", "text", "fix"),
    [
        (
            "kind: service, service: sns, region: eu-west-1, fault: denied",
            "website makes no calls to sns in eu-west-1",
            "use one of its Regions: us-east-1, us-west-2",
        ),
        (
            "kind: service, service: route53-recovery-cluster, region: eu-north-1, fault: denied",
            "website makes no calls to route53-recovery-cluster in eu-north-1",
            "eu-west-1",
        ),
        (
            "kind: invocation, function: leeward-drs-recovr, error: Lambda.Unknown",
            "there is no task or function leeward-drs-recovr",
            "is drs-recover meant?",
        ),
        (
            "kind: invocation, function: '7', error: Lambda.Unknown",
            "there is no task or function 7",
            "the name of a task",
        ),
    ],
)
def test_fault_that_affects_nothing_is_rejected(fault: str, text: str, fix: str) -> None:
    application = compile_website().application
    with pytest.raises(CannotRehearse) as raised:
        check_scenario_names(application, drill_scenario(loaded(fault)))
    assert str(raised.value).startswith("scenario drill: fault 1 (")
    assert text in str(raised.value)
    assert fix in str(raised.value)
    with pytest.raises(InvalidIncident) as refused:
        check_fault(application, loaded(fault))
    assert text in str(refused.value)
    assert fix in refused.value.remedy


@pytest.mark.parametrize(
    "fault",
    [
        SNS,
        "kind: service, service: route53, region: us-east-1, fault: throttled",
        "kind: service, service: route53-recovery-cluster, region: eu-west-1, fault: black-hole",
        "kind: invocation, function: drs-recover, error: Lambda.ServiceException, nth: 1, times: 1",
    ],
)
def test_fault_of_the_application_is_accepted(fault: str) -> None:
    application = compile_website().application
    check_scenario_names(application, drill_scenario(loaded(fault)))
    check_fault(application, loaded(fault))


@pytest.mark.verify("a complete run for each moment")
@pytest.mark.parametrize(("moment", "runs"), [("before", 1), ("after", 2)])
def test_lost_invocation_starts_no_second_job(moment: Any, runs: int) -> None:
    lost = InvocationFails(kind="invocation", function="drs-recover", error="Lambda.ServiceException", moment=moment)
    with website_session(lost) as stage:
        result, _, _ = run_to_end(stage)
        invocations = [each for each in stage.engine.functions.invocations if each.function == "leeward-drs-recover"]
        first_group = [each for each in invocations if (each.began_at - invocations[0].began_at).total_seconds() < 10]
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert broken_invariants(result) == []
        assert count_recovery_jobs(stage) == 3
    assert (invocations[0].service_error is not None) == (moment == "after")
    assert len(first_group) >= runs


@pytest.mark.verify("a complete run")
def test_throttled_service_ends_and_run_succeeds() -> None:
    fault = ServiceFails.model_validate(
        {"kind": "service", "service": "drs", "region": WEST, "fault": "throttled", "from": "7m", "until": "7m15s"}
    )
    with website_session(fault) as stage:
        result, run, _ = run_to_end(stage)
        throttled = [each for each in stage.engine.interceptor.calls if each.outcome == "ThrottlingException"]
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert {each.service for each in throttled} == {"drs"}
        assert max(each.at for each in throttled) < run.started_at + timedelta(minutes=1)
