"""Record changes: pending until they have propagated to the name servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from botocore.exceptions import ClientError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.route53.models import route53_backends

from leeward.twin.aws.moto_fixes.route53 import route53_changes
from leeward.twin.realism.realism_settings import SeededDraws
from tests.twin.aws.drs_world import START, A, client

# A clock that the code under test reads.
FROZEN_START = time_machine.travel(START, tick=False)


@pytest.fixture(autouse=True)
def _drawn() -> Iterator[None]:
    route53_changes.set_draws(SeededDraws(7, "route53"))
    yield
    route53_changes.set_draws(None)


def create_zone() -> str:
    zone = client("route53", A).create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    return str(zone).rpartition("/")[2]


def change(zone: str, value: str, action: str = "UPSERT") -> dict[str, Any]:
    record = {"Name": "www.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": value}]}
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    return dict(client("route53", A).change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)["ChangeInfo"])


def status(change_id: str) -> str:
    info = client("route53", A).get_change(Id=change_id)["ChangeInfo"]
    assert info["Id"] == change_id
    return str(info["Status"])


def answers(zone: str) -> list[str]:
    records = route53_changes.records_in_effect(route53_backends[DEFAULT_ACCOUNT_ID]["aws"].zones[zone])
    return [value for record in records if record.type == "A" for value in record.records]


def stored(zone: str) -> list[str]:
    records = client("route53", A).list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return [r["Value"] for record in records if record["Type"] == "A" for r in record["ResourceRecords"]]


def seconds_until_in_sync(clock: Any, change_id: str) -> int:
    for second in range(120):
        if status(change_id) == "INSYNC":
            return second
        clock.shift(timedelta(seconds=1))
    raise AssertionError("the change is still pending")


def test_change_is_pending_for_ten_to_sixty_seconds() -> None:
    with FROZEN_START as clock:
        zone, times = create_zone(), []
        for number in range(5):
            submitted = change(zone, f"192.0.2.{number}")
            assert submitted["Status"] == "PENDING"
            times.append(seconds_until_in_sync(clock, submitted["Id"]))
    assert min(times) >= 10
    assert max(times) <= 61
    assert len(set(times)) > 1


@pytest.mark.parametrize(("action", "after"), [("UPSERT", ["192.0.2.2"]), ("DELETE", [])])
def test_name_servers_return_old_records_until_change_is_in_sync(action: str, after: list[str]) -> None:
    with FROZEN_START as clock:
        zone = create_zone()
        seconds_until_in_sync(clock, change(zone, "192.0.2.1", "CREATE")["Id"])
        submitted = change(zone, "192.0.2.2" if action == "UPSERT" else "192.0.2.1", action)
        assert (answers(zone), stored(zone)) == (["192.0.2.1"], after)
        clock.shift(timedelta(seconds=9))
        assert answers(zone) == ["192.0.2.1"]
        seconds_until_in_sync(clock, submitted["Id"])
        assert (answers(zone), stored(zone)) == (after, after)


def test_changes_of_zone_take_effect_in_order() -> None:
    with FROZEN_START as clock:
        zone = create_zone()
        changes = [change(zone, f"192.0.2.{number}")["Id"] for number in range(6)]
        assert len(set(changes)) == 6
        seen: list[str] = []
        for _ in range(70):
            pending = [status(each) == "PENDING" for each in changes]
            assert pending == sorted(pending)
            assert answers(zone) == ([f"192.0.2.{pending.count(False) - 1}"] if not pending[0] else [])
            seen += answers(zone)
            clock.shift(timedelta(seconds=1))
        assert seen[-1] == "192.0.2.5"


def test_rejected_change_is_no_change() -> None:
    with FROZEN_START:
        zone = create_zone()
        with pytest.raises(client("route53", A).exceptions.ClientError):
            change(zone, "192.0.2.1", "DELETE")
        assert answers(zone) == stored(zone) == []


def test_completed_change_is_in_effect() -> None:
    with FROZEN_START:
        zone = create_zone()
        change(zone, "192.0.2.1")
        assert answers(zone) == []
        route53_changes.complete_changes(DEFAULT_ACCOUNT_ID)
        assert answers(zone) == ["192.0.2.1"]


def test_change_is_in_sync_at_once_without_draws() -> None:
    route53_changes.set_draws(None)
    with FROZEN_START:
        zone = create_zone()
        submitted = change(zone, "192.0.2.1")
        assert (submitted["Status"], status(submitted["Id"]), answers(zone)) == ("INSYNC", "INSYNC", ["192.0.2.1"])


def test_get_change_rejects_unknown_id_and_knows_ids_of_other_changes() -> None:
    with FROZEN_START:
        zone_change = client("route53", A).create_hosted_zone(Name="example.org", CallerReference="2")["ChangeInfo"]
        assert status(zone_change["Id"]) == "INSYNC"
        with pytest.raises(ClientError) as raised:
            client("route53", A).get_change(Id="CUNKNOWN1234")
    assert raised.value.response["Error"]["Code"] == "NoSuchChange"
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_completed_change_stays_known() -> None:
    with FROZEN_START:
        submitted = change(create_zone(), "192.0.2.1")
        route53_changes.complete_changes(DEFAULT_ACCOUNT_ID)
        assert status(submitted["Id"]) == "INSYNC"
