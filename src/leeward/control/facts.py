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

from leeward.common.table import NEW, Table, Value

PIECE = "F#"
_INLINE, _LONGEST_PIECE = 8_192, 65_536


@dataclass(frozen=True, slots=True)
class Kept:
    """What the entry's item holds of its facts."""

    attributes: Mapping[str, Value]


def keep(table: Table, pk: str, facts: Mapping[str, object]) -> Kept:
    """Put the pieces of long facts; short ones cost no call."""
    if not facts:
        return Kept({})
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False)
    if len(text) <= _INLINE:
        return Kept({"facts": text})
    name = hashlib.sha256(text.encode()).hexdigest()
    pieces = [text[start : start + _LONGEST_PIECE] for start in range(0, len(text), _LONGEST_PIECE)]
    for number, piece in enumerate(pieces):
        table.put({"pk": pk, "sk": _sk(name, number), "text": piece}, when=NEW)
    return Kept({"facts_hash": name, "facts_pieces": len(pieces)})


def found(item: Mapping[str, Value], pieces: Mapping[str, str]) -> dict[str, object]:
    """The facts of an entry's item; empty where a piece is gone or is no JSON, and then the entry's hash says so."""
    if "facts_hash" in item:
        names = [_sk(str(item["facts_hash"]), number) for number in range(int(item["facts_pieces"]))]
        text = "".join(pieces.get(name, "") for name in names)
    else:
        text = str(item.get("facts", "{}"))
    try:
        facts: object = json.loads(text)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _sk(name: str, number: int) -> str:
    return f"{PIECE}{name}#{number:04}"
