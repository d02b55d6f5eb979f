"""Change the weights of Route 53 records in one batch, wait for INSYNC, and confirm the records.

ChangeResourceRecordSets belongs to Route 53's control plane in us-east-1. So this is only a fallback, and doesn't work
during an outage of that Region. Route 53 applies a change batch completely or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

from leeward.common.aws.clients import translate_errors
from leeward.common.aws.responses import AwsResponse, parse_response
from leeward.common.claims.types.traffic_claims import WeightsSet
from leeward.common.errors import InvalidInput, NotFound, RouteUnconfirmed
from leeward.common.polling import PollResult

if TYPE_CHECKING:
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_route53.type_defs import ChangeTypeDef, ResourceRecordSetOutputTypeDef, ResourceRecordSetTypeDef


class WeightedEntry(BaseModel):
    """One of the weighted records with the same name."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    set_identifier: str
    value: str
    weight: NonNegativeInt = Field(le=255)


class WeightedRecord(BaseModel):
    """All weighted records of a name. `ttl` is in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    hosted_zone: str
    record: str
    type: Literal["A", "CNAME"]
    ttl: PositiveInt
    entries: tuple[WeightedEntry, ...] = Field(min_length=1)


class ChangeStatus(StrEnum):
    """Whether a change has reached all Route 53 name servers."""

    PENDING = "PENDING"
    INSYNC = "INSYNC"


class _Change(AwsResponse):
    id: str = Field(alias="Id")
    status: ChangeStatus = Field(alias="Status")


def submit_weights(client: Route53Client, record: WeightedRecord) -> str:
    """Submit the change and return its ID. Submitting it again is safe, because it sets complete records.

    Raises Busy while another change of the zone is in progress. Raises InvalidInput if an entry is an alias, or if all
    weights are 0, because Route 53 then answers with all records equally.
    """
    if not any(entry.weight for entry in record.entries):
        raise InvalidInput(f"{record.record}: all weights are 0, so Route 53 would use all records equally")
    changes = build_changes(record, list_current_records(client, record))
    call = "route53:ChangeResourceRecordSets"
    with translate_errors(call):
        response = client.change_resource_record_sets(
            HostedZoneId=record.hosted_zone, ChangeBatch={"Comment": "Leeward: weights", "Changes": changes}
        )
        return parse_response(_Change, response["ChangeInfo"], call).id


def confirm_weights(client: Route53Client, record: WeightedRecord, change_id: str) -> PollResult:
    """Return whether the change is INSYNC and the records have the submitted weights.

    Raises NotFound if Route 53 does not know the change, and RouteUnconfirmed if the records differ.
    """
    call = "route53:GetChange"
    with translate_errors(call):
        change = parse_response(_Change, client.get_change(Id=change_id)["ChangeInfo"], call)
    if change.status is ChangeStatus.PENDING:
        return PollResult(False, f"{record.record}: the change {change_id} is on its way to the name servers")
    current = {r.get("SetIdentifier", ""): r for r in list_current_records(client, record)}
    differing = [
        f"{entry.set_identifier} is {_describe_record(current.get(entry.set_identifier))}, not {entry.weight} "
        f"of {entry.value}"
        for entry in record.entries
        if not _matches(current.get(entry.set_identifier), entry, record)
    ]
    if differing:
        raise RouteUnconfirmed(f"{record.record}: the change is in sync, but {'; '.join(differing)}")
    weights = {entry.set_identifier: entry.weight for entry in record.entries}
    weights_text = ", ".join(f"{identifier} {weight}" for identifier, weight in weights.items())
    return PollResult.reached(WeightsSet(record=record.record, weights=weights_text))


def list_current_records(client: Route53Client, record: WeightedRecord) -> list[ResourceRecordSetOutputTypeDef]:
    """Return the zone's current records with the record's name and type."""
    name = _absolute_name(record.record)
    with translate_errors("route53:ListResourceRecordSets"):
        # The result is sorted by name and type. One page of 300 is enough for a name's weighted records, at most 100.
        response = client.list_resource_record_sets(
            HostedZoneId=record.hosted_zone,
            StartRecordName=record.record,
            StartRecordType=record.type,
            MaxItems="300",
        )
        return [
            r for r in response["ResourceRecordSets"] if _absolute_name(r["Name"]) == name and r["Type"] == record.type
        ]


def build_changes(desired: WeightedRecord, existing: Sequence[ResourceRecordSetOutputTypeDef]) -> list[ChangeTypeDef]:
    """Return the change batch.

    An UPSERT replaces the complete record. So the health check, which an entry does not contain, is copied from the
    existing record. Raises NotFound if no record has an entry's set identifier, and InvalidInput if it is an alias.
    """
    by_identifier: Mapping[str, ResourceRecordSetOutputTypeDef] = {r.get("SetIdentifier", ""): r for r in existing}
    changes: list[ChangeTypeDef] = []
    for entry in desired.entries:
        current = by_identifier.get(entry.set_identifier)
        if current is None and existing:
            identifiers = ", ".join(sorted(by_identifier))
            raise NotFound(f"{desired.record} has no set identifier {entry.set_identifier!r}; it has {identifiers}")
        record: ResourceRecordSetTypeDef = {
            "Name": desired.record,
            "Type": desired.type,
            "SetIdentifier": entry.set_identifier,
            "Weight": entry.weight,
            "TTL": desired.ttl,
            "ResourceRecords": [{"Value": entry.value}],
        }
        if current is not None:
            if "AliasTarget" in current:
                raise InvalidInput(
                    f"{desired.record} {entry.set_identifier!r} is an alias, not the value {entry.value}"
                )
            if "HealthCheckId" in current:
                record["HealthCheckId"] = current["HealthCheckId"]
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
