"""The condition keys of a call, from its parameters, in lowercase. Tags of resources are not among them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from leeward.twin.policies.evaluation.action_rules import CallLocation, Parameters

_KEY_EQUALS = re.compile(r"(#?[\w.-]+)\s*=\s*(:\w+)")


def list_request_keys(action: str, parameters: Parameters, location: CallLocation) -> dict[str, Sequence[str]]:
    """Return the condition keys of the call. All resources on the twin belong to one account."""
    keys: dict[str, Sequence[str]] = {
        "aws:requestedregion": [location.region],
        "aws:resourceaccount": [location.account],
    }
    tags = parameters.get("tags")
    if isinstance(tags, Mapping):
        keys |= {f"aws:requesttag/{key}".lower(): [str(value)] for key, value in tags.items()}
        keys["aws:tagkeys"] = list(tags)
    if "Namespace" in parameters and action.startswith("cloudwatch:"):
        keys["cloudwatch:namespace"] = [str(parameters["Namespace"])]
    if "SafetyRulesToOverride" in parameters:
        overrides = str(bool(parameters["SafetyRulesToOverride"])).lower()
        keys["route53-recovery-cluster:allowsafetyrulesoverrides"] = [overrides]
    if action == "events:PutEvents":
        keys["events:source"] = [str(each.get("Source")) for each in parameters["Entries"]]
    if action == "route53:ChangeResourceRecordSets":
        keys |= _record_keys(parameters["ChangeBatch"]["Changes"])
    if action.startswith("dynamodb:"):
        leading_keys = list(_leading_keys(parameters, location))
        if leading_keys:
            keys["dynamodb:leadingkeys"] = leading_keys
    return keys


def _record_keys(changes: Sequence[Mapping[str, Any]]) -> dict[str, Sequence[str]]:
    """Return the keys of a record change. Names are in lowercase, without the last dot (Route 53 Developer Guide,
    "Using IAM policy conditions for fine-grained access control").
    """
    records = [change["ResourceRecordSet"] for change in changes]
    prefix = "route53:changeresourcerecordsets"
    return {
        f"{prefix}normalizedrecordnames": [_normalize_name(str(record["Name"])) for record in records],
        f"{prefix}recordtypes": [str(record["Type"]) for record in records],
        f"{prefix}actions": [str(change["Action"]) for change in changes],
    }


def _normalize_name(name: str) -> str:
    plain = name.lower().removesuffix(".").replace("*", "\\052")
    return re.sub(r"[^a-z0-9_.\\-]", lambda match: f"\\{ord(match[0]):03o}", plain)


def _leading_keys(parameters: Parameters, location: CallLocation) -> Iterator[str]:
    """Yield the partition keys of the items that a DynamoDB call names."""
    requests = parameters.get("RequestItems") or {}
    for table, named in [(parameters.get("TableName"), parameters), *requests.items()]:
        key = _partition_key_name(str(table), location)
        for item in _named_items(named):
            if key in item:
                yield _text_of(item[key])
        if isinstance(named, Mapping) and "KeyConditionExpression" in named:
            yield from _queried_keys(named, key)


def _named_items(named: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the items of a call, or the keys and items of one table in a batch."""
    if isinstance(named, Mapping):
        yield from (named[name] for name in ("Key", "Item") if name in named)
        yield from named.get("Keys", ())
        return
    for write in named:
        yield from (request.get("Item") or request["Key"] for request in write.values())


def _queried_keys(parameters: Parameters, key: str) -> Iterator[str]:
    names, values = parameters.get("ExpressionAttributeNames", {}), parameters.get("ExpressionAttributeValues", {})
    for name, value in _KEY_EQUALS.findall(str(parameters["KeyConditionExpression"])):
        if names.get(name, name) == key and value in values:
            yield _text_of(values[value])


def _partition_key_name(table: str, location: CallLocation) -> str:
    """Return the name of the table's partition key, by default `pk`. `table` is a name or an ARN."""
    tables = dynamodb_backends[location.account][location.region].tables
    found = tables.get(table.rpartition("/")[2])
    return "pk" if found is None else str(found.hash_key_attr)


def _text_of(value: Mapping[str, Any]) -> str:
    return str(next(iter(value.values())))
