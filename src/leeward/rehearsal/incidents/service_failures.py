"""Decides whether and when a scenario breaks the application's service, which is when the clock of the RTO starts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from leeward.rehearsal.scenarios import scenario_documents
from leeward.rehearsal.scenarios.aws_faults.aws_fault_documents import InvocationFails, ServiceFails
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent

# An API invokes its function in Lambda, and the function reads its table in DynamoDB. Other services can fail without
# an effect on clients.
_SERVICES_OF_AN_API = ("dynamodb", "lambda")


def find_service_failure(
    scenario: scenario_documents.Scenario, incident_at: datetime, application: Application
) -> datetime | None:
    """Return when the scenario whose incident occurs at `incident_at` first breaks service, or None if it never does.

    Service breaks when a Region becomes unavailable, or when a fault affects the requests or the health checks of a
    Region's clients. The other faults make a recovery harder but don't stop a Region from serving.
    """
    starts = [
        start for fault in scenario.faults if (start := _start_of_failure(fault, scenario, application)) is not None
    ]
    if scenario.incident.dark is not None:
        starts.append(scenario.incident.at)
    return incident_at - scenario.incident.at + min(starts) if starts else None


def list_affected_regions(scenario: scenario_documents.Scenario, application: Application) -> set[str]:
    """Return the Regions in which the incident or a fault breaks service, as far as they name one."""
    broken = [fault for fault in scenario.faults if _start_of_failure(fault, scenario, application) is not None]
    named = {getattr(fault, "region", None) for fault in broken} | {scenario.incident.dark}
    return {region for region in named if region is not None}


def _start_of_failure(
    fault: scenario_documents.ScenarioFault, scenario: scenario_documents.Scenario, application: Application
) -> timedelta | None:
    """Return when the fault breaks service, counted from the start of the rehearsal, or None if it doesn't."""
    match fault:
        case (
            scenario_documents.ApiDeleted()
            | scenario_documents.FunctionStopped()
            | scenario_documents.HealthSwitchedOff()
            | scenario_documents.ApiErrors()
        ):
            return fault.at
        case ServiceFails():
            is_over = fault.until is not None and fault.until <= scenario.incident.at
            return fault.starts if _serves_clients(fault, application) and not is_over else None
        case (
            scenario_documents.LaunchFails()
            | scenario_documents.EndpointDown()
            | scenario_documents.CallFails()
            | scenario_documents.ReplicationLags()
            | scenario_documents.TableReplicationLags()
            | InvocationFails()
        ):
            return None
        case _:
            assert_never(fault)


def _serves_clients(fault: ServiceFails, application: Application) -> bool:
    """Return whether the application's API needs the service in a Region that clients can be sent to."""
    has_api = any(True for _ in application.components_of_kind(RestApiComponent))
    return has_api and fault.service in _SERVICES_OF_AN_API and fault.region in (None, *application.regions.both)
