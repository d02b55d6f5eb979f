"""Weighted records: one UPSERT batch, then INSYNC, then read back.

ChangeResourceRecordSets is Route 53's control plane, which lives in us-east-1: a labelled fallback, not the way to
leave that Region. Amazon Route 53 applies a change batch whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

from leeward.common.aws.clients import translate_errors
from leeward.common.aws.responses import AwsResponse, parse_response
from leeward.common.errors import InvalidInput, NotFound, RouteUnconfirmed
from leeward.common.polling import PollResult

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_route53.type_defs import ChangeTypeDef, ResourceRecordSetOutputTypeDef, ResourceRecordSetTypeDef


class WeightedEntry(BaseModel):
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
    entries: tuple[WeightedEntry, ...] = Field(min_length=1)


class ChangeStatus(StrEnum):
    """How far a change has come to the name servers."""

    PENDING = "PENDING"
    INSYNC = "INSYNC"


class _Change(AwsResponse):
    id: str = Field(alias="Id")
    status: ChangeStatus = Field(alias="Status")


def submit_weights(client: Route53Client, record: WeightedRecord) -> str:
    """Send the change; its id. Idempotent: it names the wanted records whole.

    Raises Busy while another change of the zone is under way, InvalidInput when all weights are 0 (Route 53 would then
    answer with all of them alike) or an entry is an alias.
    """
    if not any(entry.weight for entry in record.entries):
        raise InvalidInput(f"{record.record}: all weights are 0, which Route 53 takes for all alike")
    changes = build_changes(record, list_current_records(client, record))
    call = "route53:ChangeResourceRecordSets"
    with translate_errors(call):
        answer = client.change_resource_record_sets(
            HostedZoneId=record.hosted_zone, ChangeBatch={"Comment": "Leeward: weights", "Changes": changes}
        )
        return parse_response(_Change, answer["ChangeInfo"], call).id


def confirm_weights(client: Route53Client, record: WeightedRecord, change_id: str) -> PollResult:
    """Whether the change has come to every name server, and is there as it was sent.

    Raises NotFound when Route 53 does not know the change, RouteUnconfirmed when other weights are found.
    """
    call = "route53:GetChange"
    with translate_errors(call):
        change = parse_response(_Change, client.get_change(Id=change_id)["ChangeInfo"], call)
    if change.status is ChangeStatus.PENDING:
        return PollResult(False, f"{record.record}: the change {change_id} is on its way to the name servers")
    found = {r.get("SetIdentifier", ""): r for r in list_current_records(client, record)}
    differing = [
        f"{entry.set_identifier} is {_describe_record(found.get(entry.set_identifier))}, not {entry.weight} "
        f"of {entry.value}"
        for entry in record.entries
        if not _matches(found.get(entry.set_identifier), entry, record)
    ]
    if differing:
        raise RouteUnconfirmed(f"{record.record}: the change is in sync, but {'; '.join(differing)}")
    weights = {entry.set_identifier: entry.weight for entry in record.entries}
    told = ", ".join(f"{identifier} {weight}" for identifier, weight in weights.items())
    return PollResult(True, f"{record.record}: weights are {told}", {"traffic": weights})


def list_current_records(client: Route53Client, record: WeightedRecord) -> list[ResourceRecordSetOutputTypeDef]:
    """The records of that name and type that are in the zone now."""
    name = _absolute_name(record.record)
    with translate_errors("route53:ListResourceRecordSets"):
        # Sorted by name and type from here on; a name has at most 100 weighted records, and a page holds 300.
        answer = client.list_resource_record_sets(
            HostedZoneId=record.hosted_zone,
            StartRecordName=record.record,
            StartRecordType=record.type,
            MaxItems="300",
        )
        return [
            r for r in answer["ResourceRecordSets"] if _absolute_name(r["Name"]) == name and r["Type"] == record.type
        ]


def build_changes(desired: WeightedRecord, existing: Sequence[ResourceRecordSetOutputTypeDef]) -> list[ChangeTypeDef]:
    """The change batch. An UPSERT replaces a record whole, so what the wanted entry does not speak of (its health
    check, say) is carried over from the record that is there."""
    by_identifier: Mapping[str, ResourceRecordSetOutputTypeDef] = {r.get("SetIdentifier", ""): r for r in existing}
    changes: list[ChangeTypeDef] = []
    for entry in desired.entries:
        old = by_identifier.get(entry.set_identifier)
        if old is None and existing:
            known = ", ".join(sorted(by_identifier))
            raise NotFound(f"{desired.record} has no set identifier {entry.set_identifier!r}; it has {known}")
        record: ResourceRecordSetTypeDef = {
            "Name": desired.record,
            "Type": desired.type,
            "SetIdentifier": entry.set_identifier,
            "Weight": entry.weight,
            "TTL": desired.ttl,
            "ResourceRecords": [{"Value": entry.value}],
        }
        if old is not None:
            if "AliasTarget" in old:
                raise InvalidInput(
                    f"{desired.record} {entry.set_identifier!r} is an alias, not the value {entry.value}"
                )
            if "HealthCheckId" in old:
                record["HealthCheckId"] = old["HealthCheckId"]
        changes.append({"Action": "UPSERT", "ResourceRecordSet": record})
    return changes


def _matches(record: ResourceRecordSetOutputTypeDef | None, entry: WeightedEntry, desired: WeightedRecord) -> bool:
    if record is None:
        return False
    values = [r["Value"] for r in record.get("ResourceRecords", [])]
    return record.get("Weight") == entry.weight and values == [entry.value] and record.get("TTL") == desired.ttl


def _describe_record(record: ResourceRecordSetOutputTypeDef | None) -> str:
    if record is None:
        return "not there"
    values = ", ".join(r["Value"] for r in record.get("ResourceRecords", []))
    return f"weight {record.get('Weight')} of {values}"


def _absolute_name(name: str) -> str:
    return name.rstrip(".").lower() + "."
