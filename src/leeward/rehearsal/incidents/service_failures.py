"""Decides whether and when a scenario breaks the application's service, which is when the clock of the RTO starts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import assert_never

from leeward.rehearsal.scenarios import scenario_documents
from leeward.rehearsal.scenarios.aws_faults.aws_fault_documents import InvocationFails, ServiceFails

# An API invokes its function in Lambda, and the function reads its table in DynamoDB. Other services can fail without
# an effect on clients.
_SERVICES_OF_AN_API = ("dynamodb", "lambda")


def find_service_failure(scenario: scenario_documents.Scenario, incident_at: datetime) -> datetime | None:
    """Return when the scenario whose incident occurs at `incident_at` first breaks service, or None if it never does.

    Service breaks when a Region becomes unavailable, or when a fault affects the requests or the health checks of a
    Region's clients. The other faults make a recovery harder but don't stop a Region from serving.
    """
    first = min(_failure_times(scenario), default=None)
    return None if first is None else incident_at - scenario.incident.at + first


def _failure_times(scenario: scenario_documents.Scenario) -> Iterator[timedelta]:
    if scenario.incident.dark is not None:
        yield scenario.incident.at
    for fault in scenario.faults:
        match fault:
            case (
                scenario_documents.ApiDeleted()
                | scenario_documents.FunctionStopped()
                | scenario_documents.HealthSwitchedOff()
                | scenario_documents.ApiErrors()
            ):
                yield fault.at
            case ServiceFails() if fault.service in _SERVICES_OF_AN_API:
                yield fault.starts
            case (
                scenario_documents.LaunchFails()
                | scenario_documents.EndpointDown()
                | scenario_documents.CallFails()
                | scenario_documents.ReplicationLags()
                | scenario_documents.TableReplicationLags()
                | ServiceFails()
                | InvocationFails()
            ):
                continue
            case _:
                assert_never(fault)
