"""Load balancers, read from moto's ELBv2: listeners, path rules, target groups, the health of their targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import Any

from moto.elbv2.models import elbv2_backends

from leeward.twin.internet.machines import NOT_FOUND, UNAVAILABLE, Machines, Page

# The (instance id, port) pairs that a target group's load balancer sends requests to.
HealthyTargets = Callable[[str], list[tuple[str, int]]]


class SimulatedLoadBalancers:
    """Forwards requests as an application load balancer does. Targets take turns."""

    def __init__(self, account: str, regions: Iterable[str], machines: Machines, healthy: HealthyTargets) -> None:
        self._account = account
        self._regions = tuple(regions)
        self._machines = machines
        self._healthy = healthy
        self._turn: dict[str, int] = {}

    def region_of(self, dns_name: str) -> str | None:
        return next((region for region in self._regions if self._find(region, dns_name)), None)

    def forward(self, dns_name: str, path: str) -> Page:
        region = self.region_of(dns_name)
        balancer = self._find(region, dns_name) if region else None
        if region is None or balancer is None:
            return Page(NOT_FOUND, f"no load balancer is called {dns_name}")
        group = self._target_group(region, balancer.arn, path)
        if group is None:
            return Page(NOT_FOUND, f"no rule for {path}")
        targets = self._healthy(group)
        if not targets:
            return Page(UNAVAILABLE, "no healthy target")
        turn = self._turn[group] = self._turn.get(group, -1) + 1
        page = self._machines.serve(region, targets[turn % len(targets)][0], path)
        return page or Page(UNAVAILABLE, "the target does not answer")

    def _find(self, region: str, dns_name: str) -> Any:
        balancers = elbv2_backends[self._account][region].load_balancers.values()
        return next((b for b in balancers if b.dns_name == dns_name), None)

    def _target_group(self, region: str, balancer_arn: str, path: str) -> str | None:
        backend = elbv2_backends[self._account][region]
        for listener in backend.load_balancers[balancer_arn].listeners.values():
            rules = sorted(listener.rules.values(), key=lambda r: (r.priority == "default", str(r.priority).zfill(6)))
            for rule in rules:
                if all(_matches(condition, path) for condition in rule.conditions or []):
                    arn = next((a.data.get("TargetGroupArn") for a in rule.actions if a.type == "forward"), None)
                    return str(arn) if arn else None
        return None


def _matches(condition: dict[str, Any], path: str) -> bool:
    if condition.get("Field") != "path-pattern":
        return False
    values = condition.get("Values") or condition.get("PathPatternConfig", {}).get("Values", [])
    return any(fnmatchcase(path, pattern) for pattern in values)
