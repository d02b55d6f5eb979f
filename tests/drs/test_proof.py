"""The judgements of the round trip, state by state: what is proven, what is in step, what comes next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leeward.drs.instances import Machine
from leeward.drs.model import SourceServer
from leeward.drs.proof import unproven
from leeward.drs.replication import Aim, Pace, pace
from leeward.drs.retirement import Act, Estate, next_act, objection
from leeward.drs.states import Ec2State, ReplicationState
from tests.drs.samples import NOW, instance, server

LAG = timedelta(minutes=5)
RUNNING = {"i-1": Machine("i-1", Ec2State.RUNNING)}


def protecting(
    machine: str | None = "i-1", state: str = "CONTINUOUS", lag: str | None = "PT5S", **more: Any
) -> SourceServer:
    given: dict[str, Any] = {
        "arn": "arn:b1",
        "sourceProperties": {"identificationHints": {"awsInstanceID": machine} if machine else {}},
        "sourceCloudProperties": {"originRegion": "a"},
        "dataReplicationInfo": {"dataReplicationState": state} | ({"lagDuration": lag} if lag else {}),
    }
    return server(1, **given | more)


def way_back(state: str = "CONTINUOUS", direction: str = "FAILBACK") -> SourceServer:
    return server(2, state, replicationDirection=direction, reversedDirectionSourceServerArn="arn:b1")


def estate(
    one: SourceServer,
    *,
    copies: int = 1,
    ways: tuple[SourceServer, ...] = (),
    launched: bool = True,
    busy: bool = False,
) -> Estate:
    back = instance(2, ec2InstanceID="i-1")
    return Estate(one, (instance(1, ec2InstanceID="i-b"),) * copies, ways, (back,) if launched else (), RUNNING, busy)


def test_what_is_proven() -> None:
    assert unproven(protecting(), "a", RUNNING, NOW, lag=LAG) is None
    assert unproven(protecting(lag=None), "a", RUNNING, NOW, lag=LAG) is None
    assert unproven(protecting(lag="PT5M"), "a", RUNNING, NOW, lag=LAG) is None
    started = {"i-1": Machine("i-1", Ec2State.RUNNING, (), NOW - timedelta(seconds=6))}
    assert unproven(protecting(), "a", started, NOW, lag=LAG) is None
    assert unproven(protecting(lag="PT2H"), "a", RUNNING, NOW, lag=None) is None


@pytest.mark.parametrize(
    ("one", "machines", "why"),
    [
        (protecting(None), RUNNING, "does not tell which machine"),
        (protecting(sourceCloudProperties={"originRegion": "c"}), RUNNING, "in c, not in a"),
        (protecting(sourceCloudProperties={}), RUNNING, "in an unknown Region"),
        (protecting(), {}, "not known to EC2"),
        (protecting(), {"i-1": Machine("i-1", Ec2State.PENDING)}, "which is pending"),
        (protecting(), {"i-1": Machine("i-1", Ec2State.RUNNING, (), NOW)}, "is of before that was started"),
        (protecting(lag="PT5M1S"), RUNNING, "5m1s behind, more than 5m"),
    ],
)
def test_what_is_not_proven(one: SourceServer, machines: dict[str, Machine], why: str) -> None:
    assert why in (unproven(one, "a", machines, NOW, lag=LAG) or "")


@pytest.mark.parametrize("state", [s for s in ReplicationState if s is not ReplicationState.CONTINUOUS])
def test_only_a_continuous_copy_protects(state: ReplicationState) -> None:
    assert state.value in (unproven(protecting(state=state), "a", RUNNING, NOW, lag=LAG) or "")


@pytest.mark.parametrize("state", list(ReplicationState))
def test_every_state_either_heals_or_needs_a_person(state: ReplicationState) -> None:
    how, _ = pace(protecting(state=state), Aim(LAG), NOW)
    broken = {"STALLED", "DISCONNECTED", "PAUSED", "STOPPED"}
    assert how is (Pace.BROKEN if state in broken else Pace.IN_STEP if state == "CONTINUOUS" else Pace.BEHIND)


def test_a_recovery_point_must_be_newer_than_the_fence() -> None:
    fence = NOW - timedelta(seconds=30)
    assert pace(protecting(lag="PT29S"), Aim(LAG, fence), NOW)[0] is Pace.IN_STEP
    assert pace(protecting(lag="PT30S"), Aim(LAG, fence), NOW)[0] is Pace.BEHIND
    assert pace(protecting(lag=None), Aim(timedelta(0), NOW), NOW)[0] is Pace.BEHIND, "not at the fence's own moment"


def test_nothing_left_needs_no_proof() -> None:
    assert objection(estate(protecting(None), copies=0, launched=False), "a", LAG, NOW) is None


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (estate(protecting(), launched=False), "no machine that a failback launched"),
        (estate(protecting("i-9")), "it protects i-9, not i-1, which serves"),
        (estate(protecting(None)), "it protects an unknown machine"),
        (estate(protecting(replicationDirection="FAILBACK")), "it is the FAILBACK server itself"),
        (estate(protecting(), ways=(way_back(direction="FAILOVER"),)), "is no FAILBACK server"),
        (estate(protecting(state="RESCAN")), "is RESCAN"),
    ],
)
def test_what_keeps_a_copy(seen: Estate, why: str) -> None:
    assert why in (objection(seen, "a", LAG, NOW) or "")


@pytest.mark.parametrize(
    ("seen", "act"),
    [
        (estate(protecting(), ways=(way_back(),)), Act.STOP_REPLICATION),
        (estate(protecting(), ways=(way_back("STALLED"),)), Act.STOP_REPLICATION),
        (estate(protecting(), ways=(way_back("STOPPED"),)), Act.TERMINATE),
        (estate(protecting(), ways=(way_back("STOPPED"),), busy=True), Act.WAIT),
        (estate(protecting(), ways=(way_back("DISCONNECTED"),)), Act.TERMINATE),
        (estate(protecting(), copies=0, ways=(way_back("STOPPED"),)), Act.DELETE_INSTANCE),
        (estate(protecting(), copies=0, ways=(way_back("STOPPED"),), launched=False), Act.DISCONNECT),
        (estate(protecting(), copies=0, ways=(way_back("DISCONNECTED"),), launched=False), Act.DELETE_SERVER),
        (estate(protecting(), copies=0, launched=False), Act.NONE),
    ],
)
def test_what_comes_next_follows_from_what_is_left(seen: Estate, act: Act) -> None:
    assert next_act(seen) is act
