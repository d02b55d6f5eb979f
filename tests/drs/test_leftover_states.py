"""Which leftover instances of a failback are terminated, by state, tags, and protection, and what is said."""

from __future__ import annotations

from typing import Any

import pytest

from leeward.common.claims.types.server_claims import Terminated
from leeward.common.errors import InvalidInput, NotProtected, SurprisingAnswer
from leeward.drs.api.models import RecoveryInstance
from leeward.drs.cleanup.leftover_instances import LeftoverInstances
from leeward.drs.inventory.server_groups import ServerGroup
from tests.drs.sample_records import LATER, instance, protecting
from tests.drs.stub_clients import WEB, StubDrs, StubEc2

ENDED = ("shutting-down", "terminated")
STATES = ("pending", "running", "stopping", "stopped", *ENDED)


def leftovers(
    states: dict[str, str],
    *,
    machines: tuple[str, ...] = ("i-serving",),
    launched: tuple[str, ...] = (),
    instances: tuple[RecoveryInstance, ...] = (),
    **ec2: Any,
) -> tuple[LeftoverInstances, StubEc2]:
    """The leftovers in Region a, where the machines `machines` serve."""
    running = dict.fromkeys(machines, "running")
    tags_of = {machine: {"Role": "other"} for machine in machines}
    stub = StubEc2(states | running, tags_of=tags_of | ec2.pop("tags_of", {}), **ec2)
    client: Any = stub
    other: Any = StubDrs([protecting(n, machine) for n, machine in enumerate(machines, 1)])
    drs: Any = StubDrs(instances=instances)
    return LeftoverInstances(drs, client, "a", other, "b", [WEB], frozenset(launched)), stub


def terminated(ec2: StubEc2) -> list[str]:
    return [i for operation, given in ec2.changes if operation == "terminate_instances" for i in given["InstanceIds"]]


@pytest.mark.parametrize("state", STATES)
def test_leftover_is_terminated_unless_it_has_ended(state: str) -> None:
    cleanup, ec2 = leftovers({"i-old": state})
    ec2.protected.add("i-old")
    result = cleanup.advance(LATER)
    assert terminated(ec2) == ([] if state in ENDED else ["i-old"])
    assert ("i-old" in ec2.protected) is (state in ENDED)
    match state:
        case "terminated":
            assert result.claims == (Terminated(what="replaced", region="a", ids=("i-old",), kept=("i-serving",)),)
        case "shutting-down":
            assert (result.done, result.detail) == (False, "i-old shuts down")
        case _:
            assert (result.done, result.detail) == (False, "terminating i-old")


def test_leftovers_are_terminated_in_batches_of_ten() -> None:
    cleanup, ec2 = leftovers({f"i-{n:02}": "stopped" for n in range(21)} | {"i-ends": "shutting-down"})
    result = cleanup.advance(LATER)
    batches = [given["InstanceIds"] for operation, given in ec2.changes if operation == "terminate_instances"]
    assert [len(batch) for batch in batches] == [10, 10, 1]
    assert result.detail.split("; ") == [*(f"terminating {', '.join(batch)}" for batch in batches), "i-ends shuts down"]


def test_instance_that_keeps_its_protection_is_looked_at_again() -> None:
    cleanup, ec2 = leftovers({"i-old": "stopped"}, never_changes=True)
    ec2.protected.add("i-old")
    result = cleanup.advance(LATER)
    assert terminated(ec2) == []
    assert result.detail == ("termination protection of i-old was set off, but does not show yet; looking again")


def test_instance_with_other_tags_is_kept() -> None:
    """The tag's value would match as a pattern."""
    group = ServerGroup(name="web", tags={"Role": "we?"})
    cleanup, ec2 = leftovers({"i-1": "running"}, tags_of={"i-2": {"Role": "we?", "Name": "x"}})
    ec2.states = {**ec2.states, "i-2": "running"}
    other: Any = StubDrs([protecting(1, "i-serving", tags={"Role": "we?"})])
    LeftoverInstances(cleanup.drs, cleanup.ec2, "a", other, "b", [group]).advance(LATER)
    assert terminated(ec2) == ["i-2"]


def test_live_recovery_instance_is_kept() -> None:
    instances = (instance(1), instance(2, state="TERMINATED"))
    cleanup, ec2 = leftovers({"i-1": "running", "i-2": "running"}, instances=instances)
    cleanup.advance(LATER)
    assert terminated(ec2) == ["i-2"]


@pytest.mark.parametrize("state", STATES)
def test_unprotected_instance_of_the_run_blocks_termination(state: str) -> None:
    cleanup, ec2 = leftovers({"i-own": state, "i-old": "running"}, launched=("i-own", "i-elsewhere"))
    if state in ENDED:
        cleanup.advance(LATER)
        assert terminated(ec2) == ["i-old"]
        return
    with pytest.raises(NotProtected, match=r"nothing is terminated in a: this run launched i-own there, and DRS in b"):
        cleanup.advance(LATER)
    assert terminated(ec2) == []


def test_unproven_servers_are_named() -> None:
    cleanup, _ = leftovers({}, machines=("i-x", "i-y", "i-z"))
    other: Any = StubDrs([protecting(1, None), protecting(2, "i-y"), protecting(3, "i-z", region="c")])
    with pytest.raises(NotProtected) as missing:
        LeftoverInstances(cleanup.drs, cleanup.ec2, "a", other, "b", [WEB]).advance(LATER)
    assert str(missing.value) == (
        "nothing is terminated in a: s-1 (web-1): DRS does not report which machine it protects; "
        "s-3 (web-3): it protects i-z in c, not in a"
    )


def test_server_that_a_second_list_omits_blocks_termination() -> None:
    cleanup, ec2 = leftovers({"i-old": "running"}, machines=("i-x", "i-y"))

    class Forgetful(StubDrs):
        def _describe_source_servers(self, filters: Any) -> list[Any]:
            found = super()._describe_source_servers(filters)
            return found if self.reads.count("describe_source_servers") == 1 else found[:1]

    other: Any = Forgetful([protecting(1, "i-x"), protecting(2, "i-y")])
    with pytest.raises(SurprisingAnswer, match=r"in b first listed i-y as protected, and then omitted it. Nothing is"):
        LeftoverInstances(cleanup.drs, cleanup.ec2, "a", other, "b", [WEB]).advance(LATER)
    assert terminated(ec2) == []


def test_groups_without_tags_are_named() -> None:
    cleanup, _ = leftovers({})
    groups = [ServerGroup(name="x", ids=("s-1",)), WEB, ServerGroup(name="y", ids=("s-2",))]
    with pytest.raises(InvalidInput, match=r"but these groups have none: x, y$"):
        LeftoverInstances(cleanup.drs, cleanup.ec2, "a", cleanup.other_drs, "b", groups).advance(LATER)


@pytest.mark.usefixtures("used_up_call")
def test_termination_continues_with_next_poll_when_call_is_used_up() -> None:
    cleanup, ec2 = leftovers({"i-old": "stopped"})
    assert cleanup.advance(LATER).detail == "continues with the next poll"
    assert ec2.changes == []
