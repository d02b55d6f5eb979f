"""Which states call another Region than the one that the run enters, and why that is so.

A run that needs the Region that it leaves cannot leave it, and AWS asks not to depend on a foreign control plane during
a failover. What is listed here is what a person should know before the day comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from leeward.state_machines.asl import Machine
from leeward.state_machines.checks.graph import function_of, parameters_of, scopes
from leeward.state_machines.documents.direction import Way

_ROUTE53 = "us-east-1"


@dataclass(frozen=True, slots=True)
class CallAbroad:
    """A state whose function calls `region` for `what`."""

    state: str
    function: str
    region: str
    what: str


def calls_abroad(machine: Machine, way: Way) -> Iterator[CallAbroad]:
    """In the machine's order. The five Regions of an ARC cluster are one entry: any one of them is enough."""
    home = _home_of_the_lock(machine)
    for scope in scopes(machine):
        for name, state in scope.states.items():
            function = function_of(state)
            if function is None:
                continue
            for region, what in _regions(function, parameters_of(state), home):
                if region != way.target:
                    yield CallAbroad(name, function, region, what)


def _regions(function: str, parameters: Mapping[str, object], home: str | None) -> Iterator[tuple[str, str]]:
    for key in ("region", "other_region"):
        if isinstance(region := parameters.get(key), str):
            yield region, "the servers and load balancers that the step acts on"
    if isinstance(region := parameters.get("home"), str):
        yield region, "the application's lock, which is kept there"
    if function == "leeward-run-end" and home is not None:
        yield home, "the application's lock, which is kept there"
    if function == "leeward-route53-weights":
        yield _ROUTE53, "the control plane of Route 53"
    endpoints = parameters.get("endpoints")
    if isinstance(endpoints, list | tuple) and endpoints:
        regions = sorted(str(e["region"]) for e in endpoints if isinstance(e, Mapping))
        yield ", ".join(regions), "the ARC cluster's endpoints, of which any one is enough"


def _home_of_the_lock(machine: Machine) -> str | None:
    for scope in scopes(machine):
        for state in scope.states.values():
            home = parameters_of(state).get("home")
            if isinstance(home, str):
                return home
    return None
