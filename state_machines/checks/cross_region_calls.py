"""Lists the states that call a Region other than the target Region, and the purpose of each call.

A run that depends on the origin Region cannot fail over away from it. AWS also advises against depending on another
Region's control plane during a failover. Operators should know these dependencies in advance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from leeward.state_machines.analysis.state_graph import invoked_function, task_parameters
from leeward.state_machines.application.run_direction import RunRegions
from leeward.state_machines.asl import StateMachine

_ROUTE53_CONTROL_PLANE = "us-east-1"


@dataclass(frozen=True, slots=True)
class CrossRegionCall:
    """A state whose function calls `region` for `purpose`."""

    state: str
    function: str
    region: str
    purpose: str


def find_cross_region_calls(machine: StateMachine, run_regions: RunRegions) -> Iterator[CrossRegionCall]:
    """Yield the calls in the machine's order. The five Regions of an ARC cluster are one entry, because any one is
    enough.
    """
    lock_region = _lock_region(machine)
    for name, state in machine.states.items():
        function = invoked_function(state)
        if function is None:
            continue
        for region, purpose in _called_regions(function, task_parameters(state), lock_region):
            if region != run_regions.target:
                yield CrossRegionCall(name, function, region, purpose)


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
    for state in machine.states.values():
        home = task_parameters(state).get("home")
        if isinstance(home, str):
            return home
    return None
