"""The fence and the health switch: whole items, both replicas, whatever order the calls come in."""

from __future__ import annotations

from dataclasses import replace

from leeward.common.errors import ServiceUnavailable
from leeward.data.switches import Health, Wanted, Writes, look, settle
from leeward.twin.wire import Fault
from tests.data.conftest import HERE, TABLE, THERE, Tables
from workloads.ticketing.api.items import switch_of

FENCE = Wanted(HERE, Writes.FENCED, None, "the Region fails", "run-1")
OUT = Wanted(HERE, None, Health.OUT_OF_SERVICE, "the Region fails", "run-1")


def clients(tables: Tables) -> dict[str, object]:
    return {region: tables.client(region) for region in (HERE, THERE)}


def test_nobody_has_said_anything(tables: Tables) -> None:
    states = look(clients(tables), TABLE, HERE).states  # type: ignore[arg-type]
    assert {(s.writes, s.health) for s in states.values()} == {(Writes.OPEN, Health.IN_SERVICE)}


def test_a_fence_outlives_the_health_switch_that_follows_it_at_once(tables: Tables) -> None:
    settle(clients(tables), TABLE, FENCE, tables.engine.clock.now())  # type: ignore[arg-type]
    settle(clients(tables), TABLE, OUT, tables.engine.clock.now())  # type: ignore[arg-type]
    tables.later(5)
    for region in (HERE, THERE):
        state = look({region: tables.client(region)}, TABLE, HERE).states[region]
        assert (state.writes, state.health) == (Writes.FENCED, Health.OUT_OF_SERVICE)


def test_the_application_reads_what_is_written(tables: Tables) -> None:
    settle(clients(tables), TABLE, FENCE, tables.engine.clock.now())  # type: ignore[arg-type]
    item = tables.client(HERE).get_item(TableName="tickets", Key={"id": {"S": f"#region#{HERE}"}})["Item"]
    switch = switch_of(item)
    assert not switch.writes_open
    assert switch.in_service
    assert switch.reason == "the Region fails"


def test_called_again_it_writes_nothing(tables: Tables) -> None:
    first = settle(clients(tables), TABLE, FENCE, tables.engine.clock.now())  # type: ignore[arg-type]
    tables.later(60)
    again = settle(clients(tables), TABLE, FENCE, tables.engine.clock.now())  # type: ignore[arg-type]
    assert again.newest.at == first.newest.at
    opened = settle(clients(tables), TABLE, replace(FENCE, writes=Writes.OPEN), tables.engine.clock.now())  # type: ignore[arg-type]
    assert opened.newest.writes is Writes.OPEN


def test_a_region_that_does_not_answer_finds_its_fence_when_it_returns(tables: Tables) -> None:
    """The other replica's copy is sent once the Region is back."""
    engine = tables.engine
    engine.wire.darken(HERE, engine.clock.now())
    settle({THERE: tables.client(THERE)}, TABLE, FENCE, engine.clock.now())
    tables.later(30)
    engine.wire.lighten(HERE)
    tables.replication.deliver()
    assert look({HERE: tables.client(HERE)}, TABLE, HERE).states[HERE].writes is Writes.FENCED


def test_what_does_not_answer_is_told_and_not_raised(tables: Tables) -> None:
    tables.engine.wire.fail("dynamodb:GetItem", Fault.REFUSED, times=None, region=HERE)
    seen: list[object] = []

    def handler(_: object, __: object) -> None:
        from leeward.common.aws import client

        both = {region: client("dynamodb", region, repeatable=False) for region in (HERE, THERE)}
        copies = settle(both, TABLE, FENCE, tables.engine.clock.now())
        seen.append((set(copies.states), type(copies.unreached[HERE])))

    function = tables.engine.functions.register(THERE, "fence", handler)
    assert not tables.engine.functions.invoke_apart(function, "{}").failed
    assert seen == [({THERE}, ServiceUnavailable)]
