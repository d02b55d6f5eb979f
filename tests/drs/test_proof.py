"""The judgements of the round trip, state by state: what is proven, what is in step, what comes next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leeward.drs.api.models import SourceServer
from leeward.drs.api.states import Ec2State, ReplicationState
from leeward.drs.cleanup.retire_policy import CopyInventory, RetireAction, find_objection, next_action
from leeward.drs.inventory.recovery_instances import Ec2Instance
from leeward.drs.protection.protection_proof import unproven_reason
from leeward.drs.protection.replication_lag import LagTarget, SyncStatus, assess_sync
from tests.drs.samples import NOW, instance, server

LAG = timedelta(minutes=5)
RUNNING = {"i-1": Ec2Instance("i-1", Ec2State.RUNNING)}


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
) -> CopyInventory:
    back = instance(2, ec2InstanceID="i-1")
    return CopyInventory(
        one, (instance(1, ec2InstanceID="i-b"),) * copies, ways, (back,) if launched else (), RUNNING, busy
    )


def test_what_is_proven() -> None:
    assert unproven_reason(protecting(), "a", RUNNING, NOW, max_lag=LAG) is None
    assert unproven_reason(protecting(lag=None), "a", RUNNING, NOW, max_lag=LAG) is None
    assert unproven_reason(protecting(lag="PT5M"), "a", RUNNING, NOW, max_lag=LAG) is None
    started = {"i-1": Ec2Instance("i-1", Ec2State.RUNNING, (), NOW - timedelta(seconds=6))}
    assert unproven_reason(protecting(), "a", started, NOW, max_lag=LAG) is None
    assert unproven_reason(protecting(lag="PT2H"), "a", RUNNING, NOW, max_lag=None) is None


@pytest.mark.parametrize(
    ("one", "machines", "why"),
    [
        (protecting(None), RUNNING, "does not tell which machine"),
        (protecting(sourceCloudProperties={"originRegion": "c"}), RUNNING, "in c, not in a"),
        (protecting(sourceCloudProperties={}), RUNNING, "in an unknown Region"),
        (protecting(), {}, "not known to EC2"),
        (protecting(), {"i-1": Ec2Instance("i-1", Ec2State.PENDING)}, "which is pending"),
        (protecting(), {"i-1": Ec2Instance("i-1", Ec2State.RUNNING, (), NOW)}, "is of before that was started"),
        (protecting(lag="PT5M1S"), RUNNING, "5m1s behind, more than 5m"),
    ],
)
def test_what_is_not_proven(one: SourceServer, machines: dict[str, Ec2Instance], why: str) -> None:
    assert why in (unproven_reason(one, "a", machines, NOW, max_lag=LAG) or "")


@pytest.mark.parametrize("state", [s for s in ReplicationState if s is not ReplicationState.CONTINUOUS])
def test_only_a_continuous_copy_protects(state: ReplicationState) -> None:
    assert state.value in (unproven_reason(protecting(state=state), "a", RUNNING, NOW, max_lag=LAG) or "")


@pytest.mark.parametrize("state", list(ReplicationState))
def test_every_state_either_heals_or_needs_a_person(state: ReplicationState) -> None:
    how, _ = assess_sync(protecting(state=state), LagTarget(LAG), NOW)
    broken = {"STALLED", "DISCONNECTED", "PAUSED", "STOPPED"}
    assert how is (
        SyncStatus.BROKEN if state in broken else SyncStatus.IN_STEP if state == "CONTINUOUS" else SyncStatus.BEHIND
    )


def test_a_recovery_point_must_be_newer_than_the_fence() -> None:
    fence = NOW - timedelta(seconds=30)
    assert assess_sync(protecting(lag="PT29S"), LagTarget(LAG, fence), NOW)[0] is SyncStatus.IN_STEP
    assert assess_sync(protecting(lag="PT30S"), LagTarget(LAG, fence), NOW)[0] is SyncStatus.BEHIND
    assert assess_sync(protecting(lag=None), LagTarget(timedelta(0), NOW), NOW)[0] is SyncStatus.BEHIND, (
        "not at the fence's own moment"
    )


def test_nothing_left_needs_no_proof() -> None:
    assert find_objection(estate(protecting(None), copies=0, launched=False), "a", LAG, NOW) is None


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
def test_what_keeps_a_copy(seen: CopyInventory, why: str) -> None:
    assert why in (find_objection(seen, "a", LAG, NOW) or "")


@pytest.mark.parametrize(
    ("seen", "act"),
    [
        (estate(protecting(), ways=(way_back(),)), RetireAction.STOP_REPLICATION),
        (estate(protecting(), ways=(way_back("STALLED"),)), RetireAction.STOP_REPLICATION),
        (estate(protecting(), ways=(way_back("STOPPED"),)), RetireAction.TERMINATE),
        (estate(protecting(), ways=(way_back("STOPPED"),), busy=True), RetireAction.WAIT),
        (estate(protecting(), ways=(way_back("DISCONNECTED"),)), RetireAction.TERMINATE),
        (estate(protecting(), copies=0, ways=(way_back("STOPPED"),)), RetireAction.DELETE_INSTANCE),
        (estate(protecting(), copies=0, ways=(way_back("STOPPED"),), launched=False), RetireAction.DISCONNECT),
        (estate(protecting(), copies=0, ways=(way_back("DISCONNECTED"),), launched=False), RetireAction.DELETE_SERVER),
        (estate(protecting(), copies=0, launched=False), RetireAction.NONE),
    ],
)
def test_what_comes_next_follows_from_what_is_left(seen: CopyInventory, act: RetireAction) -> None:
    assert next_action(seen) is act
