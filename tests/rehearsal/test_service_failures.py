"""When the clock of the RTO starts, for each kind of incident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leeward.rehearsal.incidents.service_failures import find_service_failure, list_affected_regions
from leeward.rehearsal.scenarios import scenario_documents
from leeward.state_machines.build import build_runbooks
from tests.support.paths import REPOSITORY

INCIDENT = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
APPLICATIONS = {built.application.application: built.application for built in build_runbooks(REPOSITORY / "runbooks")}
TICKETING = APPLICATIONS["ticketing"]


def scenario(*faults: object, dark: str | None = None) -> scenario_documents.Scenario:
    return scenario_documents.Scenario.model_validate(
        {"scenario": "test", "incident": {"at": "5m", "dark": dark}, "faults": list(faults)}
    )


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "api-deleted", "region": "east"},
        {"kind": "api-errors", "region": "east", "percent": 50},
        {"kind": "function-stopped", "region": "east"},
        {"kind": "health-switch", "region": "east"},
    ],
)
def test_fault_that_breaks_service_starts_the_clock(fault: dict[str, object]) -> None:
    assert find_service_failure(scenario({**fault, "at": "5m"}), INCIDENT, TICKETING) == INCIDENT
    assert find_service_failure(scenario({**fault, "at": "7m"}), INCIDENT, TICKETING) == INCIDENT + 2 * MINUTE
    assert find_service_failure(scenario({**fault, "at": "7m"}, dark="east"), INCIDENT, TICKETING) == INCIDENT


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "launch-fails", "group": "web"},
        {"kind": "endpoint-down", "region": "east"},
        {"kind": "replication", "group": "web", "stalled": True},
        {"kind": "table-replication", "table": "tickets", "paused": True},
        {"kind": "call", "operation": "drs:StartRecovery", "fault": "throttled"},
    ],
)
def test_fault_that_only_hinders_recovery_starts_no_clock(fault: dict[str, object]) -> None:
    assert find_service_failure(scenario(fault), INCIDENT, TICKETING) is None
    assert find_service_failure(scenario(fault, dark="east"), INCIDENT, TICKETING) == INCIDENT


@pytest.mark.parametrize(
    ("application", "dark", "fault", "minutes", "regions"),
    [
        ("ticketing", None, {"service": "dynamodb", "region": "eu-west-1", "from": "4m"}, 4, {"eu-west-1"}),
        ("ticketing", None, {"service": "sns", "region": "eu-west-1", "from": "4m"}, None, set()),
        ("ticketing", None, {"service": "dynamodb", "region": "us-east-1"}, None, set()),
        ("ticketing", "eu-west-1", {"service": "lambda", "until": "3m"}, 5, {"eu-west-1"}),
        ("website", "us-east-1", {"service": "dynamodb", "region": "us-west-2"}, 5, {"us-east-1"}),
    ],
)
def test_service_fails_only_where_clients_need_it(
    application: str, dark: str | None, fault: dict[str, Any], minutes: int | None, regions: set[str]
) -> None:
    failing = scenario({"kind": "service", "fault": "server-error", **fault}, dark=dark)
    expected = None if minutes is None else INCIDENT + timedelta(minutes=minutes - 5)
    assert find_service_failure(failing, INCIDENT, APPLICATIONS[application]) == expected
    assert list_affected_regions(failing, APPLICATIONS[application]) == regions
