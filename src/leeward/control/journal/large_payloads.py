"""Facts of any length in items of a bounded size.

Short facts lie in the entry. Long ones (300 servers, a runbook of many steps) are cut into pieces that lie beside the
entries of their run, `sk` = F#<their hash>#<number>; the entry holds the hash. They are put before the entry, and under
a key made of their content, so that putting them again after a crash changes nothing. DynamoDB's limit for an item,
400 KB, is never met, and so nothing has to be kept in S3, which a run would otherwise depend on (docs/adr).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from leeward.common.aws.state_table import ITEM_ABSENT, ItemValue, StateTable

PIECE_PREFIX = "F#"
_MAX_INLINE_LENGTH, _MAX_PIECE_LENGTH = 8_192, 65_536


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """What the entry's item holds of its facts."""

    attributes: Mapping[str, ItemValue]


def store_facts(table: StateTable, pk: str, facts: Mapping[str, object]) -> StoredFacts:
    """Put the pieces of long facts; short ones cost no call."""
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
    """The facts of an entry's item; empty where a piece is gone or is no JSON, and then the entry's hash says so."""
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
