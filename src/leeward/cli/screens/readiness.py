"""Readiness on the terminal: the verdict, what is not well with its fix, what was looked at."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from leeward.common import durations
from leeward.readiness.findings import Finding, Readiness, Status, Verdict

_STYLES = {Status.OK: "green", Status.WARNING: "yellow", Status.FAILED: "bold red", Status.UNKNOWN: "magenta"}
_VERDICTS = {Verdict.READY: "bold green", Verdict.AT_RISK: "bold yellow", Verdict.NOT_READY: "bold red"}


def show_readiness(console: Console, found: Readiness) -> None:
    """One application's runbook."""
    well = len(found.findings) - len(found.reasons)
    console.print(
        Text.assemble(
            (f"{found.verdict.upper()}", _VERDICTS[found.verdict]),
            f"  {found.application} {found.runbook} into {found.region}: "
            f"{well} of {len(found.findings)} checks are well ({found.score} %)",
        )
    )
    console.print(Text(_expected(found), style="dim"))
    for finding in found.reasons:
        _show_reason(console, finding)
    console.print(Text(_looked_at(found), style="dim"))
    console.print()


def _expected(found: Readiness) -> str:
    expected, objective = found.expected, durations.show(found.expected.objective_seconds)
    time = "unknown" if expected.seconds is None else durations.show(expected.seconds)
    return f"expected time: {time} of {objective} ({expected.source})"


def _show_reason(console: Console, finding: Finding) -> None:
    """Three lines at least: what, what was found, what to do."""
    what = Text.assemble(
        (f"{finding.status.value:<8}", _STYLES[finding.status]), (finding.check, "bold"), f"  {finding.subject}"
    )
    console.print(what, overflow="fold")
    for text, style in ((finding.detail, ""), (f"-> {finding.fix}", "cyan")):
        console.print(Padding(Text(text, style=style, overflow="fold"), (0, 0, 0, 8)))


def _looked_at(found: Readiness) -> str:
    areas = Counter(finding.check.partition(".")[0] for finding in found.findings)
    return "looked at: " + ", ".join(f"{area} ({number})" for area, number in sorted(areas.items()))
