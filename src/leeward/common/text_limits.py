"""Length limits for texts in a state. Step Functions limits a whole state to 256 KiB.

Limits are in bytes of JSON, like the limit of Step Functions. The journal contains every text in full.
"""

from __future__ import annotations

import json

# A task's detail or error.
MAX_TEXT_BYTES = 2_000
# What a poll tells the next one. A longer memo is dropped, and the next poll reads everything again.
MAX_MEMO_BYTES = 16_000
# A recorded failure, and the run summary. The limit of Step Functions for a Cause is 32,768.
MAX_CAUSE_BYTES = 8_000
# An error of a run's last tasks ends the execution and is in no state: the run summary and the reason of the error.
MAX_FINAL_CAUSE_BYTES = MAX_CAUSE_BYTES + MAX_TEXT_BYTES
_TRUNCATION_MARK = "... (the journal has all)"


def truncate_text(text: str, max_bytes: int = MAX_TEXT_BYTES) -> str:
    """Return `text`, truncated if it would take more than `max_bytes` as JSON."""
    if fits(text, max_bytes):
        return text
    low, high = 0, len(text)
    while low < high:  # find the longest prefix that fits
        middle = (low + high + 1) // 2
        if _json_size(text[:middle] + _TRUNCATION_MARK) <= max_bytes:
            low = middle
        else:
            high = middle - 1
    return text[:low] + _TRUNCATION_MARK


def fits(text: str, max_bytes: int) -> bool:
    """Return whether `text` takes at most `max_bytes` as JSON."""
    return _json_size(text) <= max_bytes


def _json_size(text: str) -> int:
    return len(json.dumps(text)) - 2
