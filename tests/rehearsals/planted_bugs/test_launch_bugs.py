"""Bugs in launching, protecting, and removing servers: exactly-once, protected, no-orphan, and quota find them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from leeward.common.aws.clients import client
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from tests.support.planted_bugs import (
    LOCK,
    RECOVER,
    TELL,
    WAIT,
    Work,
    bug_that_first,
    short_run_violations,
    violations_in_committed,
)
from tests.support.website_session import EAST, WEST

IMAGE = "ami-0d5eff06f840b45e9"


def source_servers(role: str | None = None) -> list[str]:
    servers = client("drs", WEST).describe_source_servers()["items"]
    return [server["sourceServerID"] for server in servers if role in (None, server["tags"].get("Role"))]


def run_instance(name: str | None) -> None:
    tags: Any = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}] if name else []
    client("ec2", WEST).run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, TagSpecifications=tags)


def start_job(servers: list[str], **options: Any) -> None:
    wanted: Any = [{"sourceServerID": server} for server in servers]
    client("drs", WEST, allow_retries=False).start_recovery(sourceServers=wanted, **options)


def bug_when_done(act: Any) -> Any:
    """A bug that does something once the handler's own work is done."""

    def bug(work: Work) -> Work:
        acted: list[None] = []

        def handler(event: dict[str, Any], context: Any) -> Any:
            answer = work(event, context)
            if answer["status"] == "done" and not acted:
                acted.append(None)
                act(event)
            return answer

        return handler

    return bug


def test_untagged_second_job_in_committed_drill_breaks_exactly_once() -> None:
    again = bug_when_done(lambda _event: start_job(source_servers("database"), isDrill=True))
    assert "exactly-once" in violations_in_committed("website", "drill", "drs-recover", again)


def test_copy_started_with_run_instances_breaks_exactly_once() -> None:
    def copy(_event: dict[str, Any]) -> None:
        servers = client("drs", WEST).describe_source_servers()["items"]
        run_instance(next(s["tags"]["Name"] for s in servers if s["tags"].get("Role") == "database"))

    found = short_run_violations(LOCK, RECOVER, task="drs-recover", bug=bug_when_done(copy))
    assert "exactly-once" in found


def test_disconnected_source_server_in_committed_drill_breaks_protected() -> None:
    def disconnect(_event: dict[str, Any]) -> None:
        client("drs", WEST).disconnect_source_server(sourceServerID=source_servers("database")[0])

    assert "protected" in violations_in_committed("website", "drill", "notify", bug_that_first(disconnect))


def test_stopped_replication_breaks_protected() -> None:
    """StopReplication deletes every point in time."""

    def stop(_event: dict[str, Any]) -> None:
        client("drs", WEST).stop_replication(sourceServerID=source_servers("database")[0])

    assert "protected" in short_run_violations(LOCK, TELL, bug=bug_that_first(stop))


def test_forgotten_instance_in_committed_drill_breaks_no_orphan() -> None:
    def launch(_event: dict[str, Any]) -> None:
        run_instance(None)

    assert "no-orphan" in violations_in_committed("website", "drill", "drs-recover", bug_that_first(launch))


def test_unreported_launch_breaks_no_orphan() -> None:
    def launch(event: dict[str, Any]) -> None:
        start_job(source_servers("database"), isDrill=True, tags={"leeward:run": event["run"]["id"]})

    assert "no-orphan" in short_run_violations(LOCK, TELL, WAIT, bug=bug_that_first(launch))


def add_servers(count: int) -> Any:
    """Other applications' servers in the same account, whose DRS quotas are AWS's defaults."""

    def add(session: RehearsalSession) -> None:
        for number in range(count):
            instance = session.engine.client("ec2", EAST).run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)
            session.world.drs.add_source_server(
                WEST, f"other-{number}", EAST, instance["Instances"][0]["InstanceId"], tags={"Application": "other"}
            )

    return add


def test_job_for_each_server_in_committed_drill_breaks_quota() -> None:
    """A bug that forgets the group starts a job for each server of the account. DRS allows 20 jobs at once."""

    def launch(_event: dict[str, Any]) -> None:
        for server in source_servers():
            try:
                start_job([server], isDrill=True)
            except ClientError:
                return

    found = violations_in_committed("website", "drill", "drs-recover", bug_that_first(launch), change=add_servers(20))
    assert "quota" in found


@pytest.mark.parametrize(("servers", "broken"), [(101, True), (100, False)])
def test_job_with_too_many_servers_breaks_quota(servers: int, broken: bool) -> None:
    def launch(_event: dict[str, Any]) -> None:
        drs = client("drs", WEST)
        pages = drs.get_paginator("describe_source_servers").paginate()
        others = [s["sourceServerID"] for page in pages for s in page["items"] if s["tags"]["Application"] == "other"]
        assert len(others) == servers
        try:
            start_job(others, isDrill=True)
        except ClientError:
            return

    found = short_run_violations(LOCK, TELL, bug=bug_that_first(launch), change=add_servers(servers))
    assert ("quota" in found) is broken
