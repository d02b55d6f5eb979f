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
from tests.drs.sample_records import NOW, instance, server

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


def reversed_copy(state: str = "CONTINUOUS", direction: str = "FAILBACK") -> SourceServer:
    return server(2, state, replicationDirection=direction, reversedDirectionSourceServerArn="arn:b1")


def remaining_resources(
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


def test_continuous_copy_of_running_instance_is_protected() -> None:
    assert unproven_reason(protecting(), "a", RUNNING, NOW, max_lag=LAG) is None
    assert unproven_reason(protecting(lag=None), "a", RUNNING, NOW, max_lag=LAG) is None
    assert unproven_reason(protecting(lag="PT5M"), "a", RUNNING, NOW, max_lag=LAG) is None
    started = {"i-1": Ec2Instance("i-1", Ec2State.RUNNING, (), NOW - timedelta(seconds=6))}
    assert unproven_reason(protecting(), "a", started, NOW, max_lag=LAG) is None
    assert unproven_reason(protecting(lag="PT2H"), "a", RUNNING, NOW, max_lag=None) is None


@pytest.mark.parametrize(
    ("one", "machines", "why"),
    [
        (protecting(None), RUNNING, "does not report which machine"),
        (protecting(sourceCloudProperties={"originRegion": "c"}), RUNNING, "in c, not in a"),
        (protecting(sourceCloudProperties={}), RUNNING, "in an unknown Region"),
        (protecting(), {}, "not known to EC2"),
        (protecting(), {"i-1": Ec2Instance("i-1", Ec2State.PENDING)}, "which is pending"),
        (
            protecting(),
            {"i-1": Ec2Instance("i-1", Ec2State.RUNNING, (), NOW)},
            "is older than the start of that instance",
        ),
        (protecting(lag="PT5M1S"), RUNNING, "5m1s behind, more than 5m"),
    ],
)
def test_unproven_protection_names_reason(one: SourceServer, machines: dict[str, Ec2Instance], why: str) -> None:
    assert why in (unproven_reason(one, "a", machines, NOW, max_lag=LAG) or "")


@pytest.mark.parametrize("state", [s for s in ReplicationState if s is not ReplicationState.CONTINUOUS])
def test_only_continuous_replication_protects(state: ReplicationState) -> None:
    assert state.value in (unproven_reason(protecting(state=state), "a", RUNNING, NOW, max_lag=LAG) or "")


@pytest.mark.parametrize("state", list(ReplicationState))
def test_replication_states_are_in_step_behind_or_broken(state: ReplicationState) -> None:
    how, _ = assess_sync(protecting(state=state), LagTarget(LAG), NOW)
    broken = {"STALLED", "DISCONNECTED", "PAUSED", "STOPPED"}
    assert how is (
        SyncStatus.BROKEN if state in broken else SyncStatus.IN_STEP if state == "CONTINUOUS" else SyncStatus.BEHIND
    )


def test_recovery_point_must_be_newer_than_fence() -> None:
    fence = NOW - timedelta(seconds=30)
    assert assess_sync(protecting(lag="PT29S"), LagTarget(LAG, fence), NOW)[0] is SyncStatus.IN_STEP
    assert assess_sync(protecting(lag="PT30S"), LagTarget(LAG, fence), NOW)[0] is SyncStatus.BEHIND
    assert assess_sync(protecting(lag=None), LagTarget(timedelta(0), NOW), NOW)[0] is SyncStatus.BEHIND, (
        "not at the fence's own moment"
    )


def test_no_copies_left_needs_no_proof() -> None:
    assert find_objection(remaining_resources(protecting(None), copies=0, launched=False), "a", LAG, NOW) is None


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (remaining_resources(protecting(), launched=False), "no machine that a failback launched"),
        (remaining_resources(protecting("i-9")), "it protects i-9, not i-1, which serves"),
        (remaining_resources(protecting(None)), "it protects an unknown machine"),
        (remaining_resources(protecting(replicationDirection="FAILBACK")), "it is the FAILBACK server itself"),
        (remaining_resources(protecting(), ways=(reversed_copy(direction="FAILOVER"),)), "is no FAILBACK server"),
        (remaining_resources(protecting(state="RESCAN")), "is RESCAN"),
    ],
)
def test_copy_is_kept_with_reason(seen: CopyInventory, why: str) -> None:
    assert why in (find_objection(seen, "a", LAG, NOW) or "")


@pytest.mark.parametrize(
    ("seen", "act"),
    [
        (remaining_resources(protecting(), ways=(reversed_copy(),)), RetireAction.STOP_REPLICATION),
        (remaining_resources(protecting(), ways=(reversed_copy("STALLED"),)), RetireAction.STOP_REPLICATION),
        (remaining_resources(protecting(), ways=(reversed_copy("STOPPED"),)), RetireAction.TERMINATE),
        (remaining_resources(protecting(), ways=(reversed_copy("STOPPED"),), busy=True), RetireAction.WAIT),
        (remaining_resources(protecting(), ways=(reversed_copy("DISCONNECTED"),)), RetireAction.TERMINATE),
        (remaining_resources(protecting(), copies=0, ways=(reversed_copy("STOPPED"),)), RetireAction.DELETE_INSTANCE),
        (
            remaining_resources(protecting(), copies=0, ways=(reversed_copy("STOPPED"),), launched=False),
            RetireAction.DISCONNECT,
        ),
        (
            remaining_resources(protecting(), copies=0, ways=(reversed_copy("DISCONNECTED"),), launched=False),
            RetireAction.DELETE_SERVER,
        ),
        (remaining_resources(protecting(), copies=0, launched=False), RetireAction.NONE),
    ],
)
def test_next_action_follows_from_remaining_resources(seen: CopyInventory, act: RetireAction) -> None:
    assert next_action(seen) is act
