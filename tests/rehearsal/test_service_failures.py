"""When the clock of the RTO starts, for each kind of incident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leeward.rehearsal.incidents.service_failures import find_service_failure
from leeward.rehearsal.scenarios import scenario_documents

INCIDENT = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


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
    assert find_service_failure(scenario({**fault, "at": "5m"}), INCIDENT) == INCIDENT
    assert find_service_failure(scenario({**fault, "at": "7m"}), INCIDENT) == INCIDENT + 2 * MINUTE
    assert find_service_failure(scenario({**fault, "at": "7m"}, dark="east"), INCIDENT) == INCIDENT


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
    assert find_service_failure(scenario(fault), INCIDENT) is None
    assert find_service_failure(scenario(fault, dark="east"), INCIDENT) == INCIDENT
