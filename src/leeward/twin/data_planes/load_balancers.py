"""Load balancers, read from moto's ELBv2: listeners, path rules, target groups, and the health of their targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import Any

from moto.elbv2.models import elbv2_backends

from leeward.twin.internet.web_servers import NOT_FOUND, UNAVAILABLE, PageResponse, WebServers

# The (instance id, port) pairs that a target group's load balancer sends requests to.
HealthyTargets = Callable[[str], list[tuple[str, int]]]


class SimulatedLoadBalancers:
    """Forwards requests as an Application Load Balancer does, to each target in turn."""

    def __init__(
        self, account: str, regions: Iterable[str], web_servers: WebServers, healthy_targets: HealthyTargets
    ) -> None:
        self._account = account
        self._regions = tuple(regions)
        self._web_servers = web_servers
        self._healthy_targets = healthy_targets
        self._next_target: dict[str, int] = {}

    def region_of(self, dns_name: str) -> str | None:
        return next((region for region in self._regions if self._find_load_balancer(region, dns_name)), None)

    def forward(self, dns_name: str, path: str) -> PageResponse:
        region = self.region_of(dns_name)
        balancer = self._find_load_balancer(region, dns_name) if region else None
        if region is None or balancer is None:
            return PageResponse(NOT_FOUND, f"no load balancer is called {dns_name}")
        group = self._matching_target_group(region, balancer.arn, path)
        if group is None:
            return PageResponse(NOT_FOUND, f"no rule for {path}")
        targets = self._healthy_targets(group)
        if not targets:
            return PageResponse(UNAVAILABLE, "no healthy target")
        turn = self._next_target[group] = self._next_target.get(group, -1) + 1
        page = self._web_servers.serve_page(region, targets[turn % len(targets)][0], path)
        return page or PageResponse(UNAVAILABLE, "the target does not answer")

    def _find_load_balancer(self, region: str, dns_name: str) -> Any:
        balancers = elbv2_backends[self._account][region].load_balancers.values()
        return next((b for b in balancers if b.dns_name == dns_name), None)

    def _matching_target_group(self, region: str, balancer_arn: str, path: str) -> str | None:
        backend = elbv2_backends[self._account][region]
        for listener in backend.load_balancers[balancer_arn].listeners.values():
            rules = sorted(listener.rules.values(), key=lambda r: (r.priority == "default", str(r.priority).zfill(6)))
            for rule in rules:
                if all(_matches_path(condition, path) for condition in rule.conditions or []):
                    arn = next((a.data.get("TargetGroupArn") for a in rule.actions if a.type == "forward"), None)
                    return str(arn) if arn else None
        return None


def _matches_path(condition: dict[str, Any], path: str) -> bool:
    if condition.get("Field") != "path-pattern":
        return False
    values = condition.get("Values") or condition.get("PathPatternConfig", {}).get("Values", [])
    return any(fnmatchcase(path, pattern) for pattern in values)
