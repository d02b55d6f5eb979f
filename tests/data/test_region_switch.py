"""The fence and the health switch: whole items, both replicas, whatever order the calls come in."""

from __future__ import annotations

from dataclasses import replace

from leeward.common.errors import ServiceUnavailable
from leeward.data.region_switch import ServiceState, SwitchChange, WriteAccess, apply_switch, read_switch
from leeward.twin.interception import FaultKind
from tests.data.conftest import HERE, TABLE, THERE, ReplicatedTables
from workloads.ticketing.api.service.table_items import unpack_switch

FENCE = SwitchChange(HERE, WriteAccess.FENCED, None, "the Region fails", "run-1")
OUT_OF_SERVICE = SwitchChange(HERE, None, ServiceState.OUT_OF_SERVICE, "the Region fails", "run-1")


def clients(tables: ReplicatedTables) -> dict[str, object]:
    return {region: tables.client(region) for region in (HERE, THERE)}


def test_switches_default_to_open_and_in_service(tables: ReplicatedTables) -> None:
    states = read_switch(clients(tables), TABLE, HERE).states  # type: ignore[arg-type]
    assert {(s.writes, s.health) for s in states.values()} == {(WriteAccess.OPEN, ServiceState.IN_SERVICE)}


def test_fence_is_kept_by_immediate_health_switch(tables: ReplicatedTables) -> None:
    apply_switch(clients(tables), TABLE, FENCE, tables.engine.clock.now())  # type: ignore[arg-type]
    apply_switch(clients(tables), TABLE, OUT_OF_SERVICE, tables.engine.clock.now())  # type: ignore[arg-type]
    tables.later(5)
    for region in (HERE, THERE):
        state = read_switch({region: tables.client(region)}, TABLE, HERE).states[region]
        assert (state.writes, state.health) == (WriteAccess.FENCED, ServiceState.OUT_OF_SERVICE)


def test_application_reads_written_switch(tables: ReplicatedTables) -> None:
    apply_switch(clients(tables), TABLE, FENCE, tables.engine.clock.now())  # type: ignore[arg-type]
    item = tables.client(HERE).get_item(TableName="tickets", Key={"id": {"S": f"#region#{HERE}"}})["Item"]
    switch = unpack_switch(item)
    assert not switch.writes_open
    assert switch.in_service
    assert switch.reason == "the Region fails"


def test_repeated_call_writes_nothing(tables: ReplicatedTables) -> None:
    first = apply_switch(clients(tables), TABLE, FENCE, tables.engine.clock.now())  # type: ignore[arg-type]
    tables.later(60)
    again = apply_switch(clients(tables), TABLE, FENCE, tables.engine.clock.now())  # type: ignore[arg-type]
    assert again.newest.at == first.newest.at
    opened = apply_switch(clients(tables), TABLE, replace(FENCE, writes=WriteAccess.OPEN), tables.engine.clock.now())  # type: ignore[arg-type]
    assert opened.newest.writes is WriteAccess.OPEN


def test_unavailable_region_receives_fence_after_outage(tables: ReplicatedTables) -> None:
    """The other replica's copy is sent once the Region is back."""
    engine = tables.engine
    engine.interceptor.schedule_outage(HERE, engine.clock.now())
    apply_switch({THERE: tables.client(THERE)}, TABLE, FENCE, engine.clock.now())
    tables.later(30)
    engine.interceptor.end_outage(HERE)
    tables.replication.deliver_pending()
    assert read_switch({HERE: tables.client(HERE)}, TABLE, HERE).states[HERE].writes is WriteAccess.FENCED


def test_unavailable_region_is_reported_not_raised(tables: ReplicatedTables) -> None:
    tables.engine.interceptor.inject_fault("dynamodb:GetItem", FaultKind.CONNECTION_REFUSED, times=None, region=HERE)
    seen: list[object] = []

    def handler(_: object, __: object) -> None:
        from leeward.common.aws.clients import client

        both = {region: client("dynamodb", region, allow_retries=False) for region in (HERE, THERE)}
        copies = apply_switch(both, TABLE, FENCE, tables.engine.clock.now())
        seen.append((set(copies.states), type(copies.unreachable[HERE])))

    function = tables.engine.functions.register(THERE, "fence", handler)
    assert not tables.engine.functions.invoke_in_new_task(function, "{}").has_failed
    assert seen == [({THERE}, ServiceUnavailable)]
