"""The documents of a fleet of 300 servers: the most that Elastic Disaster Recovery replicates to a Region.

The fleet is one application, or 20 applications that share the account, as in a company with as many teams. The
documents are written from templates, because the groups and the applications differ only in their numbers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from leeward.rehearsal.scenarios.scenario_documents import ServerGroupSettings, UserSettings, WorldDocument
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.compile.runbook_compiler import compile_runbook
from leeward.state_machines.load.document_loader import LoadedDocument, load_text
from leeward.state_machines.runbook.runbook_document import Runbook

NAME = "fleet"
EAST, WEST = "us-east-1", "us-west-2"
ACCOUNT = "111122223333"
# AWS General Reference, "AWS Elastic Disaster Recovery endpoints and quotas": at most 300 replicating source servers
# and 20 concurrent recovery jobs per account and Region.
SERVERS, GROUPS = 300, 20
_ENDPOINTS = {region: f"fleet-1234567890.{region}.elb.amazonaws.com" for region in (EAST, WEST)}
_CLUSTER = {
    region: f"https://{letter * 8}.route53-recovery-cluster.{region}.amazonaws.com/v1"
    for region, letter in zip((EAST, WEST, "eu-west-1", "ap-northeast-1", "ap-southeast-2"), "abcde", strict=True)
}


def compile_fleet(servers: int = SERVERS, groups: int = GROUPS) -> BuiltRunbook:
    """The failover of one application with all servers, in groups of the same size."""
    return _compile(NAME, range(1, groups + 1), servers // groups, "ask")


def compile_preflight(servers: int, groups: int) -> BuiltRunbook:
    """The same application with a runbook that changes nothing: for a world in which other applications run."""
    return _compile(NAME, range(1, groups + 1), servers // groups, "ask", only=("preflight",))


def compile_part(
    number: int, parts: int, servers: int = SERVERS, groups: int = GROUPS, only: Sequence[str] = ()
) -> BuiltRunbook:
    """The failover of one of `parts` applications that have an equal number of the groups. `number` starts at 1.

    `only` are the kinds of the steps that it consists of, in order. By default, it has all.
    """
    first, last = ((each * groups // parts) + 1 for each in (number - 1, number))
    return _compile(f"{NAME}-{number:02}", range(first, last), servers // groups, "continue", only)


def fleet_world(groups: int = GROUPS) -> WorldDocument:
    """One user, and servers that start in seconds. Each group serves its own page, so that each is behind a rule."""
    servers = {
        f"web-{number:02}": ServerGroupSettings(pages={_page(number): NAME}, boots_in=timedelta(seconds=10))
        for number in range(1, groups + 1)
    }
    return WorldDocument(application=NAME, servers=servers, users=UserSettings(count=1))


def _compile(
    name: str, numbers: range, servers_per_group: int, on_failure: str, only: Sequence[str] = ()
) -> BuiltRunbook:
    components: dict[str, Any] = {}
    for number in numbers:
        components |= _components(number, servers_per_group)
    application = _load(_application(name, numbers, components), Application)
    runbook = _load(_runbook(name, numbers, on_failure, only), Runbook)
    return BuiltRunbook(application, runbook, compile_runbook(application, runbook))


def _application(name: str, numbers: range, components: dict[str, Any]) -> dict[str, Any]:
    pages = [{"path": _page(numbers[0]), "contains": NAME}]
    return {
        "application": name,
        "account": ACCOUNT,
        "regions": {"primary": EAST, "standby": WEST},
        "objectives": {"rto": "1h", "rpo": "5m"},
        "components": components,
        "site": {"url": f"http://{_host(numbers[0])}", "endpoints": _ENDPOINTS, "pages": pages},
    }


def _components(number: int, servers: int) -> dict[str, Any]:
    """A group with its target group, its routing controls on the shared cluster, and its weighted records."""
    arns = {
        region: f"arn:aws:route53-recovery-control::{ACCOUNT}:controlpanel/0f1e2d3c4b5a69788796a5b4c3d2e1f0"
        f"/routingcontrol/{place}a2b3c4d5e6f70{number:02}"
        for place, region in enumerate((EAST, WEST), start=1)
    }
    target_groups = {
        region: f"arn:aws:elasticloadbalancing:{region}:{ACCOUNT}:targetgroup/fleet-{number:02}/{number:016x}"
        for region in (EAST, WEST)
    }
    group = f"web-{number:02}"
    tags = {"Application": NAME, "Role": group}
    return {
        group: {"kind": "drs.servers", "servers": {"tags": tags}, "expect": servers},
        f"targets-{number:02}": {
            "kind": "alb.target_group",
            "serves": group,
            "port": 80,
            "target_groups": target_groups,
        },
        f"traffic-{number:02}": {
            "kind": "arc.routing_controls",
            "endpoints": _CLUSTER,
            "controls": arns,
            "record": _host(number),
            "ttl": "30s",
        },
        f"shares-{number:02}": {
            "kind": "route53.weighted_records",
            "hosted_zone": f"Z0FLEET{number:02}EXAMPLE",
            "record": f"files.fleet-{number:02}.example.org",
            "type": "CNAME",
            "ttl": "30s",
            "values": _ENDPOINTS,
            "set_identifiers": {EAST: "east", WEST: "west"},
        },
    }


def _runbook(name: str, numbers: range, on_failure: str, only: Sequence[str]) -> dict[str, Any]:
    groups, targets = [f"web-{n:02}" for n in numbers], [f"targets-{n:02}" for n in numbers]
    steps: list[dict[str, Any]] = [
        {"name": "Check that the failover can succeed", "kind": "preflight"},
        {"name": "Recover the servers", "kind": "drs.recover", "groups": groups, "timeout": "40m"},
        {"name": "Protect the recovered servers", "kind": "drs.protect", "groups": groups},
        {"name": "Register with the load balancer", "kind": "alb.register", "targets": targets, "timeout": "10m"},
        *({"name": f"Set the weights {n:02}", "kind": "route53.weights", "component": f"shares-{n:02}",
           "weights": {EAST: 0, WEST: 100}} for n in numbers),
        *({"name": f"Send the users {n:02}", "kind": "arc.route", "component": f"traffic-{n:02}"} for n in numbers),
        {"name": "Fence us-east-1", "kind": "alb.deregister", "in": "origin", "targets": targets, "timeout": "10m"},
        {"name": "Replicate back", "kind": "drs.reverse", "groups": groups, "timeout": "30m"},
    ]  # fmt: skip
    chosen = [step for kind in only for step in steps if step["kind"] == kind] if only else steps
    lock = {"name": "Take the lock", "kind": "lock"}
    return {
        "runbook": "-".join(["failover", *(kind.partition(".")[2] or kind for kind in only)]),
        "application": name,
        "direction": "failover",
        "timeout": "24h",
        "steps": [lock, *(step | {"on_failure": on_failure} for step in chosen)],
    }


def _host(number: int) -> str:
    return f"www.fleet-{number:02}.example.com"


def _page(number: int) -> str:
    return f"/web-{number:02}"


def _load(document: dict[str, Any], model: type[Any]) -> Any:
    found = load_text(json.dumps(document), Path("fleet.yaml"), model)
    assert isinstance(found, LoadedDocument), "\n".join(str(problem) for problem in found)
    return found.model
