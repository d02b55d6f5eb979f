"""Readiness on the terminal: the verdict in one line, then what is not well, each with its fix, then what was looked at."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from common import durations
from readiness.findings import Finding, Readiness, Status, Verdict

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
    if found.reasons:
        console.print(_reasons(found.reasons))
    console.print(Text(_looked_at(found), style="dim"))
    console.print()


def _expected(found: Readiness) -> str:
    objective = durations.show(found.expected.objective_seconds)
    if found.expected.seconds is None:
        return f"expected time: unknown ({found.expected.source}); the objective is {objective}"
    return f"expected time: {durations.show(found.expected.seconds)}, {found.expected.source}; the objective is {objective}"


def _reasons(reasons: tuple[Finding, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), expand=False)
    for heading in ("", "what", "found", "fix"):
        table.add_column(heading, overflow="fold")
    for finding in reasons:
        table.add_row(
            Text(finding.status.value, style=_STYLES[finding.status]),
            Text(f"{finding.check}\n{finding.subject}"),
            Text(finding.detail),
            Text(finding.fix),
        )
    return table


def _looked_at(found: Readiness) -> str:
    areas = Counter(finding.check.partition(".")[0] for finding in found.findings)
    return "looked at: " + ", ".join(f"{area} ({number})" for area, number in sorted(areas.items()))
