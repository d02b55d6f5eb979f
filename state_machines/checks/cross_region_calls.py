"""Which states call another Region than the one that the run enters, and why that is so.

A run that needs the Region that it leaves cannot leave it, and AWS asks not to depend on a foreign control plane during
a failover. What is listed here is what a person should know before the day comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from leeward.state_machines.analysis.state_graph import invoked_function, iterate_scopes, task_parameters
from leeward.state_machines.application.run_direction import RunRegions
from leeward.state_machines.asl import StateMachine

_ROUTE53_CONTROL_PLANE = "us-east-1"


@dataclass(frozen=True, slots=True)
class CrossRegionCall:
    """A state whose function calls `region` for `what`."""

    state: str
    function: str
    region: str
    purpose: str


def find_cross_region_calls(machine: StateMachine, run_regions: RunRegions) -> Iterator[CrossRegionCall]:
    """In the machine's order. The five Regions of an ARC cluster are one entry: any one of them is enough."""
    home = _lock_region(machine)
    for scope in iterate_scopes(machine):
        for name, state in scope.states.items():
            function = invoked_function(state)
            if function is None:
                continue
            for region, what in _called_regions(function, task_parameters(state), home):
                if region != run_regions.target:
                    yield CrossRegionCall(name, function, region, what)


def _called_regions(
    function: str, parameters: Mapping[str, object], lock_region: str | None
) -> Iterator[tuple[str, str]]:
    for key in ("region", "other_region"):
        if isinstance(region := parameters.get(key), str):
            yield region, "the servers and load balancers that the step acts on"
    if isinstance(region := parameters.get("home"), str):
        yield region, "the application's lock, which is kept there"
    if function == "leeward-run-end" and lock_region is not None:
        yield lock_region, "the application's lock, which is kept there"
    if function == "leeward-route53-weights":
        yield _ROUTE53_CONTROL_PLANE, "the control plane of Route 53"
    endpoints = parameters.get("endpoints")
    if isinstance(endpoints, list | tuple) and endpoints:
        regions = sorted(str(e["region"]) for e in endpoints if isinstance(e, Mapping))
        yield ", ".join(regions), "the ARC cluster's endpoints, of which any one is enough"


def _lock_region(machine: StateMachine) -> str | None:
    for scope in iterate_scopes(machine):
        for state in scope.states.values():
            home = task_parameters(state).get("home")
            if isinstance(home, str):
                return home
    return None
