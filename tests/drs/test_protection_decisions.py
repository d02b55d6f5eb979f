"""Which instances are reversed, tagged, and protected from termination, and what the operators are told."""

from __future__ import annotations

from typing import Any

import pytest

from leeward.common.errors import Busy, NotFound, NotReady
from leeward.drs.api.models import RecoveryInstance, SourceServer
from leeward.drs.api.states import Ec2State, ReplicationDirection, ReplicationState
from leeward.drs.protection import teardown
from leeward.drs.protection.reverse_replication import (
    FailbackServerTags,
    ReversalPair,
    ReversalResult,
    find_recovered_instances,
    reverse_groups,
)
from leeward.drs.protection.termination_protection import begin_protection, end_protection, set_termination_protection
from tests.drs.sample_records import ended_job, instance, server
from tests.drs.stub_clients import WEB, StubDrs, StubEc2, refused

TAGS = FailbackServerTags(include_group_tags=True, run="r")


def opposite(
    state: str = "CONTINUOUS",
    *,
    machine: str = "i-1",
    region: str = "b",
    direction: str = "FAILBACK",
    tags: dict[str, str] | None = None,
) -> SourceServer:
    """The source server in Region a that replicates the recovered instance of s-1 in Region b."""
    return server(
        101,
        state,
        arn="arn:a1",
        tags={"Role": "web", "leeward:run": "r"} if tags is None else tags,
        replicationDirection=direction,
        reversedDirectionSourceServerArn="arn:b1",
        sourceProperties={"identificationHints": {"awsInstanceID": machine}},
        sourceCloudProperties={"originRegion": region},
    )


def recovered(number: int = 1, failback: str = "FAILBACK_STARTED", **more: Any) -> RecoveryInstance:
    return instance(number, failback={"state": failback}, **more)


def reverse(
    other: SourceServer | None,
    *instances: RecoveryInstance,
    is_drill: bool = False,
    own_runs: tuple[str, ...] = ("r",),
    **answers: Any,
) -> tuple[ReversalResult, list[Any]]:
    drs = StubDrs([server(1, arn="arn:b1", tags={"Role": "web"})], instances, answers=answers)
    other_drs = StubDrs([other] if other else [], answers=answers)
    clients: Any = drs, other_drs
    result = reverse_groups(*clients, [WEB], "b", "a", server_tags=TAGS, is_drill=is_drill, own_runs=lambda: own_runs)
    return result, drs.changes + other_drs.changes


@pytest.mark.parametrize("state", list(ReplicationState))
def test_only_a_server_that_is_set_up_replicates_the_instance(state: ReplicationState) -> None:
    pair = ReversalPair(WEB, server(), recovered(), opposite(state))
    assert pair.is_replicated_from("b") is (state not in (ReplicationState.STOPPED, ReplicationState.DISCONNECTED))
    assert (pair.blocking_server is pair.opposite) is (state is ReplicationState.DISCONNECTED)


@pytest.mark.parametrize(
    ("other", "replicated"),
    [
        (None, False),
        (opposite(), True),
        (opposite(machine="i-0"), False),
        (opposite(machine="i-2"), False),
        (opposite(region="a"), False),
        (opposite(region="c"), False),
    ],
)
def test_opposite_server_must_replicate_this_instance(other: SourceServer | None, replicated: bool) -> None:
    pair = ReversalPair(WEB, server(), recovered(), other)
    assert pair.is_replicated_from("b") is replicated
    assert pair.is_reversed("b") is replicated
    assert pair.blocking_server is None
    not_begun = ReversalPair(WEB, server(), recovered(failback="FAILBACK_NOT_STARTED"), other)
    assert not not_begun.is_reversed("b"), "a launch into an existing instance keeps its ID"


def test_reversed_instance_is_left_alone() -> None:
    result, changes = reverse(opposite(), recovered())
    assert (result.machines, result.waiting, changes) == ({"i-1": "s-101"}, [], [])


@pytest.mark.parametrize("failback", ["FAILBACK_NOT_STARTED", "FAILBACK_ERROR"])
def test_instance_that_is_not_replicated_is_reversed(failback: str) -> None:
    result, changes = reverse(None, recovered(failback=failback))
    assert changes == [("reverse_replication", {"recoveryInstanceID": "ri-1"})]
    assert result.machines == {}
    assert result.waiting == ["s-1: the replication of i-1 is being reversed"]


@pytest.mark.parametrize(("other", "done"), [(None, False), (opposite("STOPPED"), False), (opposite(), True)])
def test_refused_reversal_counts_when_the_other_region_shows_it(other: SourceServer | None, done: bool) -> None:
    result, _ = reverse(other, recovered(failback="FAILBACK_NOT_STARTED"), reverse_replication=refused())
    assert result.machines == ({"i-1": "s-101"} if done else {})
    expected = [] if done else ["s-1: drs:ReverseReplication: ConflictException: not now; looking again"]
    assert result.waiting == expected


@pytest.mark.parametrize("state", list(Ec2State))
def test_reversal_needs_running_instances(state: Ec2State) -> None:
    if state is Ec2State.RUNNING:
        assert reverse(None, recovered(state=state))[1]
    elif state in (Ec2State.TERMINATED, Ec2State.NOT_FOUND):
        with pytest.raises(NotFound):
            reverse(None, recovered(state=state))
    else:
        with pytest.raises(NotReady, match=rf"^replication can't be reversed: s-1: i-1 is {state.value}$"):
            reverse(None, recovered(state=state))


def test_disconnected_opposite_server_blocks_reversal() -> None:
    with pytest.raises(NotReady) as blocked:
        reverse(opposite("DISCONNECTED"), recovered(state="STOPPED"))
    assert str(blocked.value) == (
        "replication can't be reversed: s-1: i-1 is STOPPED; s-1: s-101 in a is disconnected, left by an earlier "
        "failback: delete it"
    )


@pytest.mark.parametrize(
    ("run", "direction", "own"),
    [("r", "FAILBACK", True), ("r", "FAILOVER", False), ("other", "FAILBACK", False), ("a", "FAILBACK", False)],
)
def test_drill_deletes_only_its_own_blocking_server(run: str, direction: str, own: bool) -> None:
    blocking = opposite("DISCONNECTED", direction=direction, tags={"leeward:run": run})
    if not own:
        with pytest.raises(NotReady, match="is disconnected"):
            reverse(blocking, recovered(isDrill=True), is_drill=True)
        return
    for answer in ({}, refused("ResourceNotFoundException")):
        result, changes = reverse(blocking, recovered(isDrill=True), is_drill=True, delete_source_server=answer)
        assert changes == [("delete_source_server", {"sourceServerID": "s-101"})]
        assert result.waiting == ["s-1: deleted s-101, left by a drill whose rollback did not finish"]


@pytest.mark.parametrize("is_drill", [False, True])
def test_drill_and_serving_instances_are_kept_apart(is_drill: bool) -> None:
    servers = [server(n, tags={"Role": "web", "Name": f"web-{n}"}) for n in (1, 2, 3)]
    instances = [instance(1), instance(2, isDrill=True), instance(3, state="TERMINATED")]
    drs: Any = StubDrs(servers, instances)
    found, missing = find_recovered_instances(drs, [WEB], "b", is_drill=is_drill)
    assert list(found) == (["s-2"] if is_drill else ["s-1"])
    assert missing == (
        f"; without a recovery instance, so left out: {'s-1 (web-1)' if is_drill else 's-2 (web-2)'}, s-3 (web-3)"
    )
    if not is_drill:
        assert find_recovered_instances(drs, [WEB], "b") == (found, missing)
    drs = StubDrs(servers[:2], [instances[1 - is_drill]])
    what = "drill instance" if is_drill else "live recovery instance"
    with pytest.raises(NotFound, match=rf"^no {what} in b of s-1 \(web-1\), s-2 \(web-2\)$"):
        find_recovered_instances(drs, [WEB], "b", is_drill=is_drill)


@pytest.mark.parametrize(
    ("direction", "tags", "include", "missing"),
    [
        ("FAILBACK", {}, True, {"Role": "web", "leeward:run": "r"}),
        ("FAILBACK", {}, False, {"leeward:run": "r"}),
        ("FAILBACK", {"leeward:run": "earlier", "Role": "mail"}, True, {"Role": "web"}),
        ("FAILBACK", {"leeward:run": "earlier", "Role": "xylophone"}, True, {"Role": "web"}),
        ("FAILBACK", {"leeward:run": "earlier", "Role": "web"}, True, {}),
        ("FAILOVER", {}, True, {"Role": "web"}),
        ("FAILOVER", {}, False, {}),
    ],
)
def test_missing_tags_of_opposite_server(
    direction: str, tags: dict[str, str], include: bool, missing: dict[str, str]
) -> None:
    pair = ReversalPair(WEB, server(), recovered(), opposite(direction=direction, tags=tags))
    assert FailbackServerTags(include, "r").missing_tags(pair) == missing


def test_opposite_server_is_tagged_like_its_group() -> None:
    result, changes = reverse(opposite(tags={"leeward:run": "r"}), recovered())
    assert changes == [("tag_resource", {"resourceArn": "arn:a1", "tags": {"Role": "web"}})]
    assert result.waiting == ["s-101 was tagged like group 'web'"]
    assert result.machines == {"i-1": "s-101"}


@pytest.mark.parametrize("direction", list(ReplicationDirection))
def test_opposite_server_is_found_by_either_reference(direction: ReplicationDirection) -> None:
    named = opposite(direction=direction, tags={"Role": "web", "leeward:run": "r"})
    unnamed = named.model_copy(update={"opposite": None})
    other = server(100, arn="arn:other", reversedDirectionSourceServerArn="arn:unknown")
    for mine, theirs in ((None, named), ("arn:a1", unnamed)):
        drs = StubDrs(
            [server(1, arn="arn:b1", tags={"Role": "web"}, reversedDirectionSourceServerArn=mine)], [recovered()]
        )
        clients: Any = drs, StubDrs([other, theirs])
        result = reverse_groups(*clients, [WEB], "b", "a", server_tags=TAGS)
        assert result.machines == {"i-1": "s-101"}


# -- teardown and termination protection --------------------------------------------------------------


@pytest.mark.parametrize("state", list(ReplicationState))
def test_teardown_acts_on_servers_in_the_state_before(state: ReplicationState) -> None:
    drs = StubDrs()
    client: Any = drs
    for act in (teardown.stop_replication, teardown.disconnect_servers, teardown.delete_servers):
        act(client, [server(1, state)])
    expected = {
        ReplicationState.STOPPED: "disconnect_source_server",
        ReplicationState.DISCONNECTED: "delete_source_server",
    }.get(state, "stop_replication")
    assert drs.changes == [(expected, {"sourceServerID": "s-1"})]


@pytest.mark.parametrize("protected", [True, False])
def test_change_of_protection_that_does_not_show_is_named(protected: bool) -> None:
    ec2 = StubEc2(never_changes=True, protected={"i-2"})
    client: Any = ec2
    word, unchanged = ("on", "i-1, i-3") if protected else ("off", "i-2")
    with pytest.raises(Busy, match=rf"^termination protection of {unchanged} was set {word}, but does not show yet$"):
        set_termination_protection(client, ["i-1", "i-2", "i-3"], protected=protected)
    ec2.never_changes = False
    assert set_termination_protection(client, ["i-1", "i-2"], protected=protected) == ["i-1", "i-2"]


def test_protection_is_removed_only_from_live_instances_of_own_jobs() -> None:
    servers = [server(n, tags={"Role": "web"}) for n in range(1, 6)]
    jobs = [
        ended_job("j", {}, tags={"leeward:run": "m"}),
        *(ended_job(f"x{run}", {}, tags={"leeward:run": run}) for run in ("a", "z")),
    ]
    instances = [
        instance(1, "j"),
        instance(2, "j", state="TERMINATED"),
        instance(3, "xa"),
        instance(4, "xz"),
        instance(5).model_copy(update={"job": None}),
    ]
    drs: Any = StubDrs(servers, instances, jobs)
    change = end_protection(drs, [WEB], "b", "m")
    assert (change.protected, change.ids) == (False, ("i-1",))


@pytest.mark.parametrize(("live", "lists"), [(2, 1), (1, 2)])
def test_incomplete_list_of_instances_is_read_again_before_protection(live: int, lists: int) -> None:
    drs = StubDrs([server(n, tags={"Role": "web"}) for n in (1, 2)], [instance(n) for n in range(1, live + 1)])
    client: Any = drs
    change = begin_protection(client, [WEB], "b")
    assert change.ids == tuple(f"i-{n}" for n in range(1, live + 1))
    assert change.missing == ("" if live == 2 else "; without a recovery instance, so left out: s-2")
    assert drs.reads.count("describe_recovery_instances") == lists


@pytest.mark.usefixtures("used_up_call")
def test_reversal_continues_with_next_poll_when_call_is_used_up() -> None:
    result, changes = reverse(None, recovered(failback="FAILBACK_NOT_STARTED"))
    assert (result.waiting, result.machines, changes) == (["s-1: continues with the next poll"], {}, [])
