"""How the replication and the quotas of servers are judged, on both sides of each limit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leeward.drs.api.models import Job, Snapshot
from leeward.drs.api.states import ReplicationState
from leeward.readiness.checks import (
    server_replication,
    service_quotas,
)
from leeward.readiness.model.findings import (
    FindingStatus,
    ReadinessFinding,
)
from tests.drs.sample_records import NOW, job, server
from tests.drs.stub_clients import WEB, StubDrs, StubEc2
from tests.readiness.stub_checks import Answers, StubClients, missing, run, web

OK, WARNING, FAILED, UNKNOWN = FindingStatus.OK, FindingStatus.WARNING, FindingStatus.FAILED, FindingStatus.UNKNOWN


def replication(one: Any, age: timedelta | None = timedelta(minutes=5)) -> dict[str, list[ReadinessFinding]]:
    taken = None if age is None else (NOW - age).isoformat()
    snapshots = [
        Snapshot.model_validate({"snapshotID": "unfinished"}),
        *([Snapshot.model_validate({"snapshotID": "s", "timestamp": taken})] if taken else []),
    ]
    return run(server_replication.check, StubClients(StubDrs([one], snapshots={one.id: snapshots})))


@pytest.mark.parametrize("state", list(ReplicationState))
def test_state_of_replication_is_judged(state: ReplicationState) -> None:
    (found,) = replication(web(state=state))["replication.state"]
    if state in ("STOPPED", "INITIATING", "INITIAL_SYNC", "DISCONNECTED"):
        assert (found.status, found.detail) == (FAILED, f"replication is {state}; the server can't be launched")
    else:
        expected = {"CONTINUOUS": OK, "PAUSED": FAILED, "STALLED": FAILED}.get(state, WARNING)
        assert (found.status, found.detail) == (expected, f"replication is {state}")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ({"error": "AGENT_NOT_SEEN"}, ": AGENT_NOT_SEEN"),
        ({"error": "AGENT_NOT_SEEN", "rawError": "silent"}, ": AGENT_NOT_SEEN silent"),
        ({"rawError": "silent"}, ""),
    ],
)
def test_error_of_replication_is_shown(error: dict[str, str], text: str) -> None:
    (found,) = replication(web(state="STALLED", dataReplicationError=error))["replication.state"]
    assert found.detail == f"replication is STALLED{text}"


@pytest.mark.parametrize(
    ("lag", "status"),
    [("PT0S", OK), ("PT2M30S", OK), ("PT2M31S", WARNING), ("PT5M", WARNING), ("PT5M1S", FAILED)],
)
def test_lag_is_compared_with_the_objective(lag: str, status: FindingStatus) -> None:
    one = web(lagDuration=lag)
    (found,) = replication(one)["replication.lag"]
    assert found.status is status
    assert found.detail.endswith(" behind, the objective is 5m")
    assert found.seconds == one.replication.lag.total_seconds()


@pytest.mark.parametrize("state", list(ReplicationState))
def test_missing_lag_is_no_lag_only_when_continuous(state: ReplicationState) -> None:
    (found,) = replication(web(state=state))["replication.lag"]
    assert (found.status, found.seconds) == (OK if state == "CONTINUOUS" else UNKNOWN, None)


@pytest.mark.parametrize(
    ("minutes", "status"), [(0, OK), (20, OK), (20.1, WARNING), (60, WARNING), (60.1, FAILED), (None, FAILED)]
)
def test_age_of_newest_snapshot_is_judged(minutes: float | None, status: FindingStatus) -> None:
    (found,) = replication(web(), None if minutes is None else timedelta(minutes=minutes))["replication.points_in_time"]
    assert found.status is status
    assert found.detail == "DRS keeps no point-in-time snapshot" or found.detail.endswith("; DRS takes one every 10m")


def test_group_after_an_incomplete_one_is_checked() -> None:
    groups = [WEB.model_copy(update={"name": "lacking", "expect": 2}).model_dump(), WEB.model_dump()]
    found = run(server_replication.check, StubClients(StubDrs([web()])), groups=groups)["replication.group"]
    assert [(finding.subject, finding.status) for finding in found] == [("lacking", FAILED), ("web", OK)]


def test_incomplete_group_is_a_failure() -> None:
    (found,) = run(server_replication.check, StubClients())["replication.group"]
    assert (found.status, found.subject) == (FAILED, "web")
    (found,) = replication(web())["replication.group"]
    assert (found.status, found.detail) == (OK, "1 source servers")


class QuotaEc2(StubEc2):
    """EC2 with running instances of these types, and templates named after the type that they launch."""

    running: tuple[str, ...] = ()

    def describe_launch_template_versions(self, LaunchTemplateId: str, **_: object) -> Any:  # noqa: N803 - AWS's name
        if LaunchTemplateId == "gone":
            raise missing("InvalidLaunchTemplateId.NotFound")
        data = {} if LaunchTemplateId == "any" else {"InstanceType": LaunchTemplateId}
        return {"LaunchTemplateVersions": [{"LaunchTemplateData": data}] if LaunchTemplateId != "none" else []}

    def get_paginator(self, operation: str) -> Any:
        reservations = [{"Instances": [{"InstanceType": kind} for kind in self.running] + [{}]}]
        return Answers(paginate=lambda **_: [{"Reservations": reservations}])


def quotas(
    *templates: str,
    servers: int = 0,
    jobs: tuple[Job, ...] = (),
    running: tuple[str, ...] = (),
    quota: float = 100,
    denied: bool = False,
) -> dict[str, list[ReadinessFinding]]:
    known = [web(n) for n in range(1, len(templates) + 1)] + [server(1000 + n) for n in range(servers)]
    by_id = {f"s-{n}": template for n, template in enumerate(templates, 1)}
    answers = {
        "get_launch_configuration": lambda sourceServerID: (  # noqa: N803 - AWS's name
            {"ec2LaunchTemplateID": by_id[sourceServerID]} if by_id[sourceServerID] else {}
        )
    }
    ec2 = QuotaEc2()
    ec2.running = running

    def types(InstanceTypes: list[str]) -> Any:  # noqa: N803 - AWS's name
        assert InstanceTypes == sorted(set(InstanceTypes))
        return {
            "InstanceTypes": [
                {"InstanceType": t, "VCpuInfo": {"DefaultVCpus": int(t.split(".")[1])}} for t in InstanceTypes
            ]
        }

    services = {
        "ec2": Answers(describe_instance_types=types),
        "service-quotas": Answers(
            get_service_quota=missing("AccessDeniedException") if denied else {"Quota": {"Value": quota}}
        ),
    }
    return run(service_quotas.check, StubClients(StubDrs(known, jobs=jobs, answers=answers), ec2, services))


@pytest.mark.parametrize(("count", "status"), [(1, OK), (270, OK), (271, WARNING), (300, WARNING), (301, FAILED)])
def test_quota_of_source_servers_is_judged(count: int, status: FindingStatus) -> None:
    (found,) = quotas("", servers=count - 1)["quota.source_servers"]
    assert (found.status, found.detail) == (status, f"{count} source servers of 300 in b")


@pytest.mark.parametrize(
    ("jobs", "members", "status", "detail"),
    [
        (0, 0, OK, "20 more jobs and 500 more servers in jobs are allowed"),
        (19, 1, OK, "1 more jobs and 481 more servers in jobs are allowed"),
        (20, 1, FAILED, "0 more jobs and 480 more servers in jobs are allowed; the launch needs 2 servers"),
        (1, 498, OK, "19 more jobs and 2 more servers in jobs are allowed"),
        (1, 499, FAILED, "19 more jobs and 1 more servers in jobs are allowed; the launch needs 2 servers"),
    ],
)
def test_room_for_jobs_is_judged(jobs: int, members: int, status: FindingStatus, detail: str) -> None:
    active = tuple(job(f"j{n}", dict.fromkeys(range(members), "PENDING")) for n in range(jobs))
    (found,) = quotas("", "", jobs=active)["quota.jobs"]
    assert (found.status, found.detail) == (status, detail)


@pytest.mark.parametrize(
    ("templates", "running", "quota", "status", "counts"),
    [
        (("m5.4", "m5.4"), ("t3.2", "t3.2", "c5.4"), 100, OK, (8, 8)),
        (("m5.40", "m5.40"), ("z1.10",), 100, OK, (10, 80)),
        (("m5.40", "m5.41"), ("z1.10",), 100, WARNING, (10, 81)),
        (("m5.40", "m5.40"), ("z1.20",), 100, WARNING, (20, 80)),
        (("m5.40", "m5.41"), ("z1.20",), 100, FAILED, (20, 81)),
        (("any", "gone"), ("m5.4",), 100, OK, (4, 0)),
        (("none", ""), ("p4.90", "g5.90", "u.90"), 100, OK, (0, 0)),
    ],
)
def test_vcpus_of_standard_instances_are_judged(
    templates: tuple[str, ...], running: tuple[str, ...], quota: float, status: FindingStatus, counts: tuple[int, int]
) -> None:
    (found,) = quotas(*templates, running=running, quota=quota)["quota.vcpus"]
    detail = f"{counts[0]} vCPUs are running, the launch adds {counts[1]}, the quota is 100"
    assert (found.status, found.detail) == (status, detail)


def test_unreadable_quota_is_unknown_and_no_servers_need_none() -> None:
    assert quotas("", denied=True)["quota.vcpus"][0].status is UNKNOWN
    assert quotas() == {}
