"""The read calls of DRS, by job, owner, and group, and the reasons that job logs give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from leeward.common.errors import NotFound, SurprisingAnswer
from leeward.drs.api import queries
from leeward.drs.api.models import Job, LogItem, Snapshot, SourceServer
from leeward.drs.api.states import JobStatus, LaunchStatus, ReplicationDirection
from leeward.drs.inventory.recovery_jobs import (
    CONVERT_JOB,
    LAUNCH_JOB,
    TERMINATE_JOB,
    failure_reason,
    failure_reasons,
    job_attempt,
    launch_jobs,
)
from leeward.drs.inventory.recovery_points import find_snapshots, require_snapshots
from leeward.drs.inventory.replaced_instances import find_replaced_instances
from leeward.drs.inventory.server_groups import ServerGroup, resolve_groups
from leeward.drs.launch.launch_intents import UNANSWERED_HOLD
from tests.drs.sample_records import NOW, instance, intent, job, server
from tests.drs.stub_clients import WEB, StubDrs, StubEc2


def names(found: Any) -> list[str]:
    return [one.id for one in found]


def test_answers_are_in_order_over_all_pages() -> None:
    at = [(NOW + timedelta(minutes=n)).isoformat() for n in range(3)]
    jobs = [job(name, {}, creationDateTime=at[n]) for name, n in (("c", 0), ("a", 1), ("b", 1), ("d", 2), ("early", 0))]
    servers = [server(n, tags={"Role": "web"}) for n in (3, 1, 2)]
    drs: Any = StubDrs(servers, [instance(n) for n in (3, 1, 2)], jobs)
    assert names(queries.list_jobs_since(drs, NOW)) == ["c", "early", "a", "b", "d"]
    assert names(queries.list_jobs_since(drs, NOW + timedelta(minutes=1))) == ["a", "b", "d"]
    assert names(queries.get_jobs(drs, ["d", "c", "unknown"])) == ["c", "d"]
    assert queries.get_jobs(drs, []) == []
    assert names(queries.list_recovery_instances(drs, ["s-3", "s-1"])) == ["ri-1", "ri-3"]
    assert queries.list_recovery_instances(drs, []) == []
    assert names(queries.list_all_recovery_instances(drs)) == ["ri-1", "ri-2", "ri-3"]
    assert names(queries.list_source_servers(drs, None, lambda tags: True)) == ["s-1", "s-2", "s-3"]
    assert names(queries.list_source_servers(drs, ["s-2", "s-9"], lambda tags: True)) == ["s-2"]
    assert queries.count_source_servers(drs) == 3


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])])
def test_batches_have_at_most_their_size(count: int, sizes: list[int]) -> None:
    batches = list(queries.split_batches(range(count), 3))
    assert [len(batch) for batch in batches] == sizes
    assert [n for batch in batches for n in batch] == list(range(count))


def test_ids_are_sent_in_batches_of_two_hundred() -> None:
    drs = StubDrs([server(n) for n in range(201)], [instance(n) for n in range(201)])
    client: Any = drs
    ids = [one.id for one in drs.servers]
    assert len(queries.list_source_servers(client, ids, lambda tags: True)) == 201
    assert len(queries.list_recovery_instances(client, ids)) == 201
    assert drs.reads == ["describe_source_servers"] * 2 + ["describe_recovery_instances"] * 2


def test_times_are_sent_in_utc_without_fractions() -> None:
    moment = datetime(2026, 3, 1, 12, 0, 5, 900, tzinfo=timezone(timedelta(hours=2)))
    assert queries.format_time(moment) == "2026-03-01T10:00:05Z"


def test_opposite_servers_are_found_by_either_reference() -> None:
    mine = [server(1, arn="arn:1"), server(2, arn="arn:2", reversedDirectionSourceServerArn="arn:b"), server(3)]
    theirs = [
        server(14, arn="arn:d"),
        server(13, arn="arn:c", reversedDirectionSourceServerArn="arn:9"),
        server(12, arn="arn:b"),
        server(11, arn="arn:a", reversedDirectionSourceServerArn="arn:1"),
    ]
    drs: Any = StubDrs(theirs)
    assert names(queries.list_opposite_servers(drs, mine)) == ["s-11", "s-12"]


def test_protected_machines_are_those_of_the_region() -> None:
    def source(number: int, region: str, machine: str | None = None) -> SourceServer:
        hints = {"awsInstanceID": machine} if machine else {}
        return server(
            number,
            sourceProperties={"identificationHints": hints},
            sourceCloudProperties={"originRegion": region},
        )

    drs: Any = StubDrs([source(1, "a", "i-1"), source(2, "a"), source(3, "b", "i-3"), source(4, "Z", "i-4")])
    assert queries.list_protected_machines(drs, "a") == {"i-1"}


# -- jobs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [LAUNCH_JOB, TERMINATE_JOB, CONVERT_JOB])
def test_only_launch_jobs_of_run_and_step_are_returned(kind: str) -> None:
    step = job("j", {}).tags
    jobs = [
        job("own", {}, type=kind),
        *(job(run, {}, run=run, type=kind) for run in ("a", "z")),
        *(job(f"step-{name}", {}, tags=step | {"leeward:step": name}, type=kind) for name in ("a", "z")),
    ]
    own = kind == LAUNCH_JOB
    assert names(launch_jobs(jobs, "r", "s")) == (["own"] if own else [])
    assert names(launch_jobs(jobs, "r")) == (["own", "step-a", "step-z"] if own else [])


@pytest.mark.parametrize(
    ("tag", "attempt"), [(None, 0), ("", 0), ("1", 1), ("12", 12), ("-1", 0), ("1.5", 0), ("first", 0)]
)
def test_attempt_comes_from_the_tag(tag: str | None, attempt: int) -> None:
    assert job_attempt(job("j", {}, tags={} if tag is None else {"leeward:attempt": tag})) == attempt


@pytest.mark.parametrize("status", [*JobStatus, "CANCELLED"])
def test_job_is_active_until_it_is_completed(status: str) -> None:
    one = job("j", {1: "PENDING"}, status=status)
    assert one.is_active is (status != "COMPLETED")
    if status == "CANCELLED":
        with pytest.raises(
            SurprisingAnswer, match=r"the status of j is 'CANCELLED', expected one of PENDING, STARTED, C"
        ):
            _ = one.status
    else:
        assert one.status is JobStatus(status)


@pytest.mark.parametrize(
    "initiated_by", ["START_DRILL", "START_RECOVERY", "FAILBACK", "TERMINATE_RECOVERY_INSTANCES", ""]
)
def test_drill_is_recognized_by_what_started_the_job(initiated_by: str) -> None:
    assert job("j", {}, initiatedBy=initiated_by).is_drill is (initiated_by == "START_DRILL")


def test_participant_is_found_by_server() -> None:
    one: Job = job("j", {2: "FAILED", 1: "LAUNCHED", 3: "PENDING"})
    part = one.participant("s-1")
    assert part is not None
    assert (part.server, one.outcome(part)) == ("s-1", LaunchStatus.LAUNCHED)
    assert one.participant("s-0") is one.participant("s-9") is None


def entry(event: str, server: str | None = None, error: str | None = None) -> dict[str, Any]:
    data = {"sourceServerID": server, "rawError": error}
    return {"event": event, "eventData": {key: value for key, value in data.items() if value is not None}}


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ([], "the job log gives no reason"),
        ([entry("START", "s-0"), entry("START", "s-2")], "the job log gives no reason"),
        ([entry("START", "s-1"), entry("END", "s-1"), entry("END", "s-2")], "END, and the job log gives no reason"),
        ([entry("START", "s-1"), entry("CANCEL", None, "quota"), entry("LATE", None, "last")], "LATE: last"),
        ([entry("FAIL", "s-0", "a"), entry("FAIL", "s-2", "b"), entry("END", None)], "the job log gives no reason"),
        ([entry("FAIL", "s-1", "first"), entry("FAIL", "s-1", "second"), entry("CANCEL", None, "x")], "FAIL: second"),
    ],
)
def test_reason_of_server_precedes_that_of_job(log: list[dict[str, Any]], reason: str) -> None:
    assert failure_reason([LogItem.model_validate(item) for item in log], "s-1") == reason


def test_log_of_each_job_is_read_once() -> None:
    drs = StubDrs(logs={"j": [entry("FAIL", "s-1", "a"), entry("FAIL", "s-2", "b")], "k": [entry("FAIL", "s-3", "c")]})
    client: Any = drs
    assert failure_reasons(client, [("j", "s-1"), ("k", "s-3"), ("j", "s-2")]) == {
        "s-1": "FAIL: a",
        "s-3": "FAIL: c",
        "s-2": "FAIL: b",
    }
    assert drs.reads == ["describe_job_log_items"] * 2


@pytest.mark.parametrize(
    ("age", "job_id", "unanswered"),
    [(0, None, True), (119, None, True), (120, None, False), (121, None, False), (0, "j", False)],
)
def test_intent_without_job_is_unanswered_for_two_minutes(age: float, job_id: str | None, unanswered: bool) -> None:
    assert UNANSWERED_HOLD.total_seconds() == 120
    assert intent(1, 1, seconds_ago=age, job=job_id).is_unanswered(NOW) is unanswered


# -- groups, snapshots, and replaced instances --------------------------------------------------------


def resolve(group: ServerGroup, *servers: SourceServer, direction: ReplicationDirection | None = None) -> list[str]:
    drs: Any = StubDrs(servers)
    ((_, found),) = resolve_groups(drs, [group], "b", direction)
    return names(found)


def test_group_by_tags_needs_as_many_servers_as_expected() -> None:
    group = WEB.model_copy(update={"expect": 2})
    servers = [server(n, tags={"Role": "web", "Name": f"web-{n}"}) for n in (1, 2, 3)]
    others = [server(n, tags={"Role": role}) for n, role in ((8, "mail"), (9, "xmpp"))]
    assert resolve(group, *servers, *others) == ["s-1", "s-2", "s-3"]
    assert resolve(group, *servers[:2]) == ["s-1", "s-2"]
    with pytest.raises(NotFound) as missing:
        resolve(group, servers[0], *others)
    assert str(missing.value) == (
        "group 'web' (tags Role=web) in b: 1 source servers match, 2 are expected (found s-1 (web-1))"
    )
    with pytest.raises(NotFound, match=r"^group 'web' \(tags Role=web\) in b: no source server matches$"):
        resolve(group, *others)


@pytest.mark.parametrize("direction", list(ReplicationDirection))
def test_direction_restricts_the_group(direction: ReplicationDirection) -> None:
    servers = [
        server(n, tags={"Role": "web"}, replicationDirection=each.value) for n, each in enumerate(ReplicationDirection)
    ]
    (one,) = [each for each in servers if each.direction is direction]
    assert resolve(WEB, *servers, direction=direction) == [one.id]
    others = [each for each in servers if each is not one]
    with pytest.raises(NotFound, match=rf"in b, direction {direction.value}: no source server matches$"):
        resolve(WEB, *others, direction=direction)


def test_unknown_ids_of_a_group_are_named() -> None:
    group = ServerGroup(name="named", ids=("s-3", "s-1", "s-2"))
    with pytest.raises(
        NotFound, match=r"^group 'named' \(ids s-3, s-1, s-2\) in b: there is no source server s-2, s-3$"
    ):
        resolve(group, server(1), server(4))
    assert resolve(group, *(server(n) for n in (4, 3, 2, 1))) == ["s-1", "s-2", "s-3"]


@pytest.mark.parametrize("more", [{}, {"tags": {}}, {"tags": {"a": "b"}, "ids": ("s-1",)}])
def test_group_needs_exactly_one_selector(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a group is selected either by tags or by ids"):
        ServerGroup(name="web", **more)


def test_servers_without_snapshot_are_named() -> None:
    snapshots = {"s-1": [_snapshot("early", -9), _snapshot("late", -1), _snapshot("after", 1)]}
    drs: Any = StubDrs(snapshots=snapshots)
    found = find_snapshots(drs, [server(1), server(2)], NOW)
    assert {name: one.id for name, one in found.items()} == {"s-1": "late"}
    assert require_snapshots(drs, [server(1)], NOW) == found
    with pytest.raises(NotFound) as missing:
        require_snapshots(drs, [server(n) for n in (1, 2, 3)], NOW)
    assert str(missing.value) == (
        f"no point in time at or before {NOW.isoformat()} exists for s-2 (web-2), s-3 (web-3)"
    )


def _snapshot(name: str, minutes: float) -> Any:
    return Snapshot.model_validate(
        {"snapshotID": name, "timestamp": (NOW.astimezone(UTC) + timedelta(minutes=minutes)).isoformat()}
    )


def test_replaced_instances_have_the_tags_of_the_group() -> None:
    tags_of = {"i-1": {"Role": "we?"}, "i-2": {"Role": "web"}, "i-3": {"Role": "we?", "Name": "x"}}
    ec2: Any = StubEc2(dict.fromkeys(("i-1", "i-2", "i-3", "i-4"), "running"), tags_of=tags_of)
    group = ServerGroup(name="web", tags={"Role": "we?"})
    assert find_replaced_instances(ec2, group, ["i-3"]) == {"i-1"}
    assert find_replaced_instances(ec2, ServerGroup(name="web", ids=("s-1",)), []) == set()


def test_label_has_the_name_tag() -> None:
    assert (server(1).label, server(1, tags={}).label) == ("s-1 (web-1)", "s-1")
