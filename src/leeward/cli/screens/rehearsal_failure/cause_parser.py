"""Parse the summary that a failed run gives as its cause.

`control.outcome.run_summary` writes lines that start with a label ("Failed: ", "Not done: ", "Now: "). Any other text,
such as the cause that Step Functions gives when an execution times out, becomes the reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from leeward.cli.rendering.text_format import strip_control_characters

_LABELS = (
    "Failed",
    "Done",
    "Passed over",
    "Also failed",
    "Undone again",
    "Begun, not finished",
    "Not done",
    "Users",
    "Lock",
    "Now",
    "Untold",
)
_LABELED = re.compile(rf"({'|'.join(_LABELS)}): (.*)", re.DOTALL)
_TITLE = re.compile(r"Run \S+ \([^)]*\) (?:failed|succeeded)\.")
# A server's reason starts with its ID: s- for DRS source servers, i- for instances.
_SERVER = r"[si]-[0-9a-f]{8,17}\b"
_BREAK = re.compile(rf";\s+|(?<=:)\s+(?={_SERVER})")
# `web: 1 of 2 servers of group 'web' did not launch`: both the wave and the group name the group.
_REPEATED_GROUP = re.compile(r"([^\s:]+): ([^:]*?) of group '\1' ")


@dataclass(frozen=True, slots=True)
class ParsedCause:
    """A parsed cause. `reasons` are the lines of the reason, and `sections` the lines of the other labels."""

    reasons: tuple[str, ...]
    sections: dict[str, tuple[str, ...]]

    def get_lines(self, label: str) -> tuple[str, ...]:
        """Return the lines of a label, without the label."""
        return self.sections.get(label, ())


def parse_cause(cause: str | None, *, step_names: Sequence[str] = ()) -> ParsedCause:
    """Parse a cause. Removes the failed step's name from the reason, because the verdict shows it separately."""
    reasons: list[str] = []
    sections: dict[str, list[str]] = {}
    label = ""
    for line in strip_control_characters(cause or "").strip().split("\n"):
        labeled = _LABELED.match(line)
        if labeled:
            label = labeled[1]
        elif _TITLE.fullmatch(line.strip()):
            continue
        text = labeled[2] if labeled else line
        if label in ("", "Failed"):
            reasons += split_reasons(_strip_step_name(text, step_names) if labeled else text)
        else:
            sections.setdefault(label, []).append(" ".join(text.split()))
    return ParsedCause(tuple(reasons), {name: tuple(lines) for name, lines in sections.items()})


def split_reasons(text: str) -> list[str]:
    """Split a text into its first sentence and the reasons that it lists, one per line."""
    parts = [" ".join(part.split()) for part in _BREAK.split(text)]
    return [_REPEATED_GROUP.sub(r"\1: \2 ", part) for part in parts if part]


def is_server_reason(line: str) -> bool:
    """Return whether the line is the reason of one server, which screens indent."""
    return re.match(_SERVER, line) is not None


def _strip_step_name(text: str, names: Sequence[str]) -> str:
    for name in sorted((strip_control_characters(n) for n in names), key=len, reverse=True):
        if text.startswith(f"{name}: "):
            return text.removeprefix(f"{name}: ")
    return text
