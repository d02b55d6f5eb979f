"""Clients of DRS and EC2 that answer from lists and note the changes, for tests of one function."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import ClientError

from leeward.common.aws.responses import AwsResponse
from leeward.drs.api.models import Job, RecoveryInstance, Snapshot, SourceServer
from leeward.drs.inventory.server_groups import ServerGroup
from tests.drs.sample_records import NOW

WEB = ServerGroup(name="web", tags={"Role": "web"})
Change = tuple[str, dict[str, Any]]


def refused(code: str = "ConflictException") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "not now"}}, "Call")


def _answers(models: Iterable[AwsResponse]) -> list[dict[str, Any]]:
    return [json.loads(model.model_dump_json(by_alias=True, exclude_none=True)) for model in models]


@dataclass
class _Paginator:
    find: Callable[..., list[Any]]
    member: str

    def paginate(self, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Yield pages of two, in the opposite order."""
        parameters.pop("PaginationConfig", None)
        found = self.find(**parameters)[::-1]
        for start in range(0, max(1, len(found)), 2):
            yield {self.member: found[start : start + 2]}


@dataclass
class StubDrs:
    """DRS with these records. `logs` maps a job's ID to its items. `answers` maps an operation to what it returns."""

    servers: Sequence[SourceServer] = ()
    instances: Sequence[RecoveryInstance] = ()
    jobs: Sequence[Job] = ()
    snapshots: Mapping[str, Sequence[Snapshot]] = field(default_factory=dict)
    logs: Mapping[str, Sequence[dict[str, Any]]] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)

    def get_paginator(self, operation: str) -> _Paginator:
        self.reads.append(operation)
        return _Paginator(getattr(self, f"_{operation}"), "items")

    def _describe_source_servers(self, filters: Mapping[str, Any]) -> list[Any]:
        ids = filters.get("sourceServerIDs")
        return _answers(server for server in self.servers if ids is None or server.id in ids)

    def _describe_recovery_instances(self, filters: Mapping[str, Any]) -> list[Any]:
        ids = filters.get("sourceServerIDs")
        return _answers(instance for instance in self.instances if ids is None or instance.server in ids)

    def _describe_jobs(self, filters: Mapping[str, Any]) -> list[Any]:
        if "jobIDs" in filters:
            return _answers(job for job in self.jobs if job.id in filters["jobIDs"])
        since = datetime.fromisoformat(filters["fromDate"])
        return _answers(job for job in self.jobs if job.created >= since)

    def _describe_job_log_items(self, jobID: str) -> list[Any]:  # noqa: N803 - AWS's name
        return list(self.logs.get(jobID, ()))[::-1]

    def _describe_recovery_snapshots(self, sourceServerID: str, **_: object) -> list[Any]:  # noqa: N803 - AWS's name
        return _answers(self.snapshots.get(sourceServerID, ()))

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            self.changes.append((operation, parameters))
            answer = self.answers.get(operation, {})
            if isinstance(answer, Exception):
                raise answer
            return answer(**parameters) if callable(answer) else answer

        return call


@dataclass
class StubEc2:
    """EC2 with instances of these states, such as `{"i-1": "running"}`. All have `tags`, or those of `tags_of`.

    `checks` maps an instance to its two status checks. Without an entry, both are ok.
    """

    states: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=lambda: {"Role": "web"})
    tags_of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    checks: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    launched_at: Mapping[str, datetime] = field(default_factory=dict)
    never_changes: bool = False
    protected: set[str] = field(default_factory=set)
    changes: list[Change] = field(default_factory=list)
    reads: list[tuple[str, int]] = field(default_factory=list)

    def get_paginator(self, operation: str) -> _Paginator:
        assert operation == "describe_instances"
        return _Paginator(self._reservations, "Reservations")

    def _reservations(self, Filters: Sequence[Mapping[str, Any]]) -> list[Any]:  # noqa: N803 - AWS's name
        self.reads.append(("describe_instances", len(Filters[0]["Values"])))
        return [
            {
                "Instances": [
                    {
                        "InstanceId": i,
                        "State": {"Name": state},
                        "LaunchTime": self.launched_at.get(i, NOW),
                        "Tags": [{"Key": key, "Value": value} for key, value in self._tags(i).items()],
                    }
                ]
            }
            for i, state in self.states.items()
            if all(self._passes(i, each["Name"], each["Values"]) for each in Filters)
        ]

    def _tags(self, instance: str) -> Mapping[str, str]:
        return self.tags_of.get(instance, self.tags)

    def _passes(self, instance: str, name: str, values: Sequence[str]) -> bool:
        value = instance if name == "instance-id" else self._tags(instance).get(name.removeprefix("tag:"), "")
        return any(fnmatchcase(value, each) for each in values)

    def describe_instance_status(self, InstanceIds: Sequence[str], **more: Any) -> Any:  # noqa: N803 - AWS's name
        self.reads.append(("describe_instance_status", len(InstanceIds)))
        shown = [i for i in InstanceIds if i in self.states]
        if not more.get("IncludeAllInstances"):
            assert all(self.states[i] == "running" for i in shown)
        return {
            "InstanceStatuses": [
                {
                    "InstanceId": i,
                    "InstanceState": {"Name": self.states[i]},
                    "SystemStatus": {"Status": self.checks.get(i, ("ok", "ok"))[0]},
                    "InstanceStatus": {"Status": self.checks.get(i, ("ok", "ok"))[1]},
                }
                for i in shown
            ]
        }

    def modify_instance_attribute(self, **parameters: Any) -> None:
        self.changes.append(("modify_instance_attribute", parameters))
        if not self.never_changes:
            (self.protected.add if parameters["DisableApiTermination"]["Value"] else self.protected.discard)(
                parameters["InstanceId"]
            )

    def describe_instance_attribute(self, InstanceId: str, **_: object) -> Any:  # noqa: N803 - AWS's name
        return {"DisableApiTermination": {"Value": InstanceId in self.protected}}

    def terminate_instances(self, **parameters: Any) -> None:
        self.changes.append(("terminate_instances", parameters))
