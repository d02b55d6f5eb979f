"""DynamoDB Streams records with new and old images (DynamoDB Streams API reference, "Record")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FIRST_SEQUENCE_NUMBER = 1100000000017454423009


def make_stream_record(table: Any, old: Any, new: Any, count: int) -> Mapping[str, Any]:
    """Return the stream record of one write.

    The record is a copy, so later changes to the items don't affect it. `old` or `new` can be None. `count` is the
    number of earlier records.
    """
    number = str(_FIRST_SEQUENCE_NUMBER + count)
    item = new if new is not None else old
    keys = {table.hash_key_attr: item.hash_key.to_json()}
    if item.range_key is not None:
        keys[table.range_key_attr] = item.range_key.to_json()
    images = {
        name: image.to_json()["Attributes"]
        for name, image in (("NewImage", new), ("OldImage", old))
        if image is not None
    }
    return {
        "eventID": number,
        "eventName": "INSERT" if old is None else "REMOVE" if new is None else "MODIFY",
        "eventSource": "aws:dynamodb",
        "eventVersion": "1.1",
        "awsRegion": table.region_name,
        "eventSourceARN": f"{table.table_arn}/stream/{table.latest_stream_label}",
        "dynamodb": {
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            "SequenceNumber": number,
            "Keys": keys,
            **images,
        },
    }
