"""Clients with given answers, and the findings of one check that reads through them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from leeward.readiness.model.findings import (
    ReadinessFinding,
)
from leeward.readiness.model.readiness_input import ReadinessInput
from tests.drs.sample_records import NOW, server
from tests.drs.stub_clients import WEB, StubDrs, StubEc2


class Answers:
    """A client whose operations return the given answers, call them, or raise them. Paginators yield one page."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        answer = self.answers[operation]

        def call(**parameters: Any) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer(**parameters) if callable(answer) else answer

        return call

    def get_paginator(self, operation: str) -> Any:
        return Answers(paginate=lambda **parameters: [getattr(self, operation)(**parameters)])


@dataclass
class StubClients:
    drs: StubDrs = field(default_factory=StubDrs)
    ec2: Any = field(default_factory=StubEc2)
    services: Mapping[str, Any] = field(default_factory=dict)
    route53: Any = None
    region: str = "b"
    table_name: str = "journal"
    topic: str = "arn:aws:sns:b:1:team"
    now: datetime = NOW

    def client(self, service: str, region: str | None = None) -> Any:
        found = self.services[service]
        return found[region or self.region] if isinstance(found, dict) else found


def inputs(**more: Any) -> ReadinessInput:
    given: dict[str, Any] = {
        "application": "website",
        "runbook": "failover",
        "origin": "a",
        "region": "b",
        "rto_seconds": 3600,
        "rpo_seconds": 300,
        "groups": [WEB.model_dump()],
    }
    return ReadinessInput.model_validate(given | more)


def run(check: Any, clients: StubClients, **more: Any) -> dict[str, list[ReadinessFinding]]:
    """Return the findings by name."""
    made: Any = clients
    found: dict[str, list[ReadinessFinding]] = {}
    for finding in check(inputs(**more), made):
        found.setdefault(finding.check, []).append(finding)
    return found


def missing(code: str = "ResourceNotFoundException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "x"}}, "Call")


def web(number: int = 1, state: str = "CONTINUOUS", **info: Any) -> Any:
    return server(
        number,
        tags={"Role": "web", "Name": f"web-{number}"},
        dataReplicationInfo={"dataReplicationState": state} | info,
    )
