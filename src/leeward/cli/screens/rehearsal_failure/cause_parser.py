"""A run's own account of its end, taken apart for reading.

`control.outcome.cause` writes it as lines that begin with a label ("Failed: ", "Not done: ", "Now: "). Any other text,
such as Step Functions' own when a machine times out, is kept whole as the reason.
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
_LABELLED = re.compile(rf"({'|'.join(_LABELS)}): (.*)", re.DOTALL)
_TITLE = re.compile(r"Run \S+ \([^)]*\) (?:failed|succeeded)\.")
# A server's reason begins with its id: DRS source servers are s-, instances i-.
_SERVER = r"[si]-[0-9a-f]{8,17}\b"
_BREAK = re.compile(rf";\s+|(?<=:)\s+(?={_SERVER})")
# `web: 1 of 2 servers of group 'web' did not launch`: a wave's failure names the group, and so does the group's own.
_REPEATED_GROUP = re.compile(r"([^\s:]+): ([^:]*?) of group '\1' ")


@dataclass(frozen=True, slots=True)
class ParsedCause:
    """What a run said of its end. `why` is the reason, a line each; `said` the other labels' lines."""

    reasons: tuple[str, ...]
    sections: dict[str, tuple[str, ...]]

    def get_lines(self, label: str) -> tuple[str, ...]:
        """The lines under `label`, without it."""
        return self.sections.get(label, ())


def parse_cause(cause: str | None, *, step_names: Sequence[str] = ()) -> ParsedCause:
    """Read a cause. The failed step's name is taken off the reason, which stands beneath it anyway."""
    why: list[str] = []
    said: dict[str, list[str]] = {}
    label = ""
    for line in strip_control_characters(cause or "").strip().split("\n"):
        found = _LABELLED.match(line)
        if found:
            label = found[1]
        elif _TITLE.fullmatch(line.strip()):
            continue
        text = found[2] if found else line
        if label in ("", "Failed"):
            why += split_reasons(_strip_step_name(text, step_names) if found else text)
        else:
            said.setdefault(label, []).append(" ".join(text.split()))
    return ParsedCause(tuple(why), {name: tuple(lines) for name, lines in said.items()})


def split_reasons(text: str) -> list[str]:
    """A sentence and, after it, each reason that it lists on a line of its own."""
    parts = [" ".join(part.split()) for part in _BREAK.split(text)]
    return [_REPEATED_GROUP.sub(r"\1: \2 ", part) for part in parts if part]


def is_server_reason(line: str) -> bool:
    """Whether the line is one server's reason (and is to be indented)."""
    return re.match(_SERVER, line) is not None


def _strip_step_name(text: str, names: Sequence[str]) -> str:
    for name in sorted((strip_control_characters(n) for n in names), key=len, reverse=True):
        if text.startswith(f"{name}: "):
            return text.removeprefix(f"{name}: ")
    return text
