"""How long a text may be that a state carries. Step Functions allows a state 256 KiB, with all that is in it.

Counted in bytes of JSON, which is what that limit is counted in. The journal has every text in full.
"""

from __future__ import annotations

import json

# A task's detail or error: one per lane of a step that does several things side by side.
MAX_TEXT_BYTES = 2_000
# A failure as it is recorded, and the account of a run's end. Step Functions' own limit of a Cause is 32,768.
MAX_CAUSE_BYTES = 8_000
# What a run's last tasks raise ends the execution, and no state carries it: an account, and why it comes in this way.
MAX_FINAL_CAUSE_BYTES = MAX_CAUSE_BYTES + MAX_TEXT_BYTES
_TRUNCATION_MARK = "... (the journal has all)"


def truncate_text(text: str, max_bytes: int = MAX_TEXT_BYTES) -> str:
    """`text`, cut at its end where it would take more than `most` bytes as JSON."""
    if _json_size(text) <= max_bytes:
        return text
    low, high = 0, len(text)
    while low < high:  # the longest beginning that fits
        middle = (low + high + 1) // 2
        if _json_size(text[:middle] + _TRUNCATION_MARK) <= max_bytes:
            low = middle
        else:
            high = middle - 1
    return text[:low] + _TRUNCATION_MARK


def _json_size(text: str) -> int:
    return len(json.dumps(text)) - 2
