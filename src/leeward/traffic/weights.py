"""Weighted records: one UPSERT batch, then INSYNC, then read back.

ChangeResourceRecordSets is Route 53's control plane, which lives in us-east-1: a labelled fallback, not the way to
leave that Region. Amazon Route 53 applies a change batch whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

from leeward.common.answers import Answer, read
from leeward.common.aws import naming_errors
from leeward.common.errors import InvalidInput, NotFound, RouteUnconfirmed
from leeward.common.polling import Look

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_route53.type_defs import ChangeTypeDef, ResourceRecordSetOutputTypeDef, ResourceRecordSetTypeDef


class Entry(BaseModel):
    """One weighted record of the set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    set_identifier: str
    value: str
    weight: NonNegativeInt = Field(le=255)


class WeightedRecord(BaseModel):
    """The name, and every entry that answers for it. `ttl` in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hosted_zone: str
    record: str
    type: Literal["A", "CNAME"]
    ttl: PositiveInt
    entries: tuple[Entry, ...] = Field(min_length=1)


class ChangeStatus(StrEnum):
    """How far a change has come to the name servers."""

    PENDING = "PENDING"
    INSYNC = "INSYNC"


class _Change(Answer):
    id: str = Field(alias="Id")
    status: ChangeStatus = Field(alias="Status")


def submit(client: Route53Client, wanted: WeightedRecord) -> str:
    """Send the change; its id. Idempotent: it names the wanted records whole.

    Raises Busy while another change of the zone is under way, InvalidInput when all weights are 0 (Route 53 would then
    answer with all of them alike) or an entry is an alias.
    """
    if not any(entry.weight for entry in wanted.entries):
        raise InvalidInput(f"{wanted.record}: all weights are 0, which Route 53 takes for all alike")
    changes = changes_for(wanted, records(client, wanted))
    call = "route53:ChangeResourceRecordSets"
    with naming_errors(call):
        answer = client.change_resource_record_sets(
            HostedZoneId=wanted.hosted_zone, ChangeBatch={"Comment": "Leeward: weights", "Changes": changes}
        )
        return read(_Change, answer["ChangeInfo"], call).id


def confirm(client: Route53Client, wanted: WeightedRecord, change_id: str) -> Look:
    """Whether the change has come to every name server, and is there as it was sent.

    Raises NotFound when Route 53 does not know the change, RouteUnconfirmed when other weights are found.
    """
    call = "route53:GetChange"
    with naming_errors(call):
        change = read(_Change, client.get_change(Id=change_id)["ChangeInfo"], call)
    if change.status is ChangeStatus.PENDING:
        return Look(False, f"{wanted.record}: the change {change_id} is on its way to the name servers")
    found = {r.get("SetIdentifier", ""): r for r in records(client, wanted)}
    differing = [
        f"{entry.set_identifier} is {_told(found.get(entry.set_identifier))}, not {entry.weight} of {entry.value}"
        for entry in wanted.entries
        if not _is(found.get(entry.set_identifier), entry, wanted)
    ]
    if differing:
        raise RouteUnconfirmed(f"{wanted.record}: the change is in sync, but {'; '.join(differing)}")
    weights = {entry.set_identifier: entry.weight for entry in wanted.entries}
    told = ", ".join(f"{identifier} {weight}" for identifier, weight in weights.items())
    return Look(True, f"{wanted.record}: weights are {told}", {"traffic": weights})


def records(client: Route53Client, wanted: WeightedRecord) -> list[ResourceRecordSetOutputTypeDef]:
    """The records of that name and type that are in the zone now."""
    name = _absolute(wanted.record)
    with naming_errors("route53:ListResourceRecordSets"):
        # Sorted by name and type from here on; a name has at most 100 weighted records, and a page holds 300.
        answer = client.list_resource_record_sets(
            HostedZoneId=wanted.hosted_zone,
            StartRecordName=wanted.record,
            StartRecordType=wanted.type,
            MaxItems="300",
        )
        return [r for r in answer["ResourceRecordSets"] if _absolute(r["Name"]) == name and r["Type"] == wanted.type]


def changes_for(wanted: WeightedRecord, present: Sequence[ResourceRecordSetOutputTypeDef]) -> list[ChangeTypeDef]:
    """The change batch. An UPSERT replaces a record whole, so what the wanted entry does not speak of (its health
    check, say) is carried over from the record that is there."""
    by_identifier: Mapping[str, ResourceRecordSetOutputTypeDef] = {r.get("SetIdentifier", ""): r for r in present}
    changes: list[ChangeTypeDef] = []
    for entry in wanted.entries:
        old = by_identifier.get(entry.set_identifier)
        if old is None and present:
            known = ", ".join(sorted(by_identifier))
            raise NotFound(f"{wanted.record} has no set identifier {entry.set_identifier!r}; it has {known}")
        record: ResourceRecordSetTypeDef = {
            "Name": wanted.record,
            "Type": wanted.type,
            "SetIdentifier": entry.set_identifier,
            "Weight": entry.weight,
            "TTL": wanted.ttl,
            "ResourceRecords": [{"Value": entry.value}],
        }
        if old is not None:
            if "AliasTarget" in old:
                raise InvalidInput(f"{wanted.record} {entry.set_identifier!r} is an alias, not the value {entry.value}")
            if "HealthCheckId" in old:
                record["HealthCheckId"] = old["HealthCheckId"]
        changes.append({"Action": "UPSERT", "ResourceRecordSet": record})
    return changes


def _is(record: ResourceRecordSetOutputTypeDef | None, entry: Entry, wanted: WeightedRecord) -> bool:
    if record is None:
        return False
    values = [r["Value"] for r in record.get("ResourceRecords", [])]
    return record.get("Weight") == entry.weight and values == [entry.value] and record.get("TTL") == wanted.ttl


def _told(record: ResourceRecordSetOutputTypeDef | None) -> str:
    if record is None:
        return "not there"
    values = ", ".join(r["Value"] for r in record.get("ResourceRecords", []))
    return f"weight {record.get('Weight')} of {values}"


def _absolute(name: str) -> str:
    return name.rstrip(".").lower() + "."
