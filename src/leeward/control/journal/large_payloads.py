"""Stores journal facts of any length in DynamoDB items of a limited size.

Short facts are stored in the entry's item. Long facts (300 servers, a runbook of many steps) are split into pieces that
are stored next to the entries of their run, with `sk` = F#<hash>#<number>. The entry contains the hash. The pieces are
written before the entry. Their key is derived from their content, so writing them again after a crash changes nothing.
No item reaches DynamoDB's limit of 400 KB, so a run doesn't depend on S3 (docs/adr).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from leeward.common.aws.tables.state_table import ITEM_ABSENT, ItemValue, StateTable

PIECE_PREFIX = "F#"
_MAX_INLINE_LENGTH, _MAX_PIECE_LENGTH = 8_192, 65_536


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """The attributes of the entry's item that contain the facts or refer to their pieces."""

    attributes: Mapping[str, ItemValue]


def store_facts(table: StateTable, pk: str, facts: Mapping[str, object]) -> StoredFacts:
    """Write the pieces of long facts and return the attributes for the entry's item. Short facts need no call."""
    if not facts:
        return StoredFacts({})
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False)
    if len(text) <= _MAX_INLINE_LENGTH:
        return StoredFacts({"facts": text})
    name = hashlib.sha256(text.encode()).hexdigest()
    pieces = [text[start : start + _MAX_PIECE_LENGTH] for start in range(0, len(text), _MAX_PIECE_LENGTH)]
    for number, piece in enumerate(pieces):
        table.put({"pk": pk, "sk": _piece_key(name, number), "text": piece}, condition=ITEM_ABSENT)
    return StoredFacts({"facts_hash": name, "facts_pieces": len(pieces)})


def load_facts(item: Mapping[str, ItemValue], pieces: Mapping[str, str]) -> dict[str, object]:
    """Return the facts of an entry's item. `pieces` maps `sk` to text.

    Empty if a piece is missing or is not JSON. The entry's hash then doesn't match, so the damage is detected.
    """
    if "facts_hash" in item:
        names = [_piece_key(str(item["facts_hash"]), number) for number in range(int(item["facts_pieces"]))]
        text = "".join(pieces.get(name, "") for name in names)
    else:
        text = str(item.get("facts", "{}"))
    try:
        facts: object = json.loads(text)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _piece_key(name: str, number: int) -> str:
    return f"{PIECE_PREFIX}{name}#{number:04}"
