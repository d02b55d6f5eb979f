"""Checks that the faults of a scenario can affect the application: their Regions and functions exist in its world."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from leeward.rehearsal.scenarios.aws_faults.aws_fault_documents import InvocationFails, ServiceFails
from leeward.rehearsal.task_functions import list_task_names
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.twin.interception.calls.service_regions import find_global_region

_CLUSTER_SERVICE = "route53-recovery-cluster"


@dataclass(frozen=True, slots=True)
class TargetProblem:
    """Why a fault can't affect the application, and how to fix it."""

    problem: str
    fix: str


def find_target_problem(application: Application, fault: object) -> TargetProblem | None:
    """Return the problem of a ServiceFails or InvocationFails, or None. Other kinds of faults have none here."""
    if isinstance(fault, ServiceFails):
        return _find_region_problem(application, fault)
    if isinstance(fault, InvocationFails):
        return _find_function_problem(application, fault)
    return None


def _find_region_problem(application: Application, fault: ServiceFails) -> TargetProblem | None:
    known = list_service_regions(application, fault.service)
    if fault.region is None or fault.region in known:
        return None
    name = application.application
    return TargetProblem(
        f"{name} makes no calls to {fault.service} in {fault.region}", f"use one of its Regions: {', '.join(known)}"
    )


def list_service_regions(application: Application, service: str) -> list[str]:
    """Return the Regions in which runs of the application can call `service`."""
    only = find_global_region(service)
    if only is not None:
        return [only]
    if service == _CLUSTER_SERVICE:
        clusters = application.components_of_kind(RoutingControlsComponent)
        return sorted({region for _, component in clusters for region in component.endpoints})
    return list(application.regions.both)


def _find_function_problem(application: Application, fault: InvocationFails) -> TargetProblem | None:
    known = sorted({*_task_function_names(), *_own_functions(application)})
    if fault.function in known:
        return None
    near = get_close_matches(fault.function.removeprefix("leeward-").replace("_", "-"), known, n=1)
    fix = f"is {near[0]} meant?" if near else "use the name of a task, such as drs-recover"
    return TargetProblem(f"there is no task or function {fault.function}", fix)


def _task_function_names() -> list[str]:
    return [task.replace("_", "-") for task in list_task_names()]


def _own_functions(application: Application) -> list[str]:
    return [api.function for _, api in application.components_of_kind(RestApiComponent)]
