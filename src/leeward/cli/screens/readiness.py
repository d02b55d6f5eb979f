"""Show a readiness report: the verdict, each finding with its fix, and the checked areas."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from leeward.base import durations
from leeward.evidence.dependencies.dependency_table import DependencyTable
from leeward.evidence.dependencies.dependency_text import list_required
from leeward.readiness.model.findings import FindingStatus, ReadinessFinding, ReadinessReport, ReadinessVerdict

_STYLES = {
    FindingStatus.OK: "green",
    FindingStatus.WARNING: "yellow",
    FindingStatus.FAILED: "bold red",
    FindingStatus.UNKNOWN: "magenta",
}
_VERDICTS = {
    ReadinessVerdict.READY: "bold green",
    ReadinessVerdict.AT_RISK: "bold yellow",
    ReadinessVerdict.NOT_READY: "bold red",
}


def show_readiness(console: Console, readiness: ReadinessReport, dependencies: DependencyTable | None = None) -> None:
    """Print the readiness report of one runbook, and the services that it requires, if its dependencies are known."""
    passed = len(readiness.findings) - len(readiness.reasons)
    console.print(
        Text.assemble(
            (f"{readiness.verdict.upper()}", _VERDICTS[readiness.verdict]),
            f"  {readiness.application} {readiness.runbook} into {readiness.region}: "
            f"{passed} of {len(readiness.findings)} checks passed ({readiness.score} %)",
        )
    )
    console.print(Text(_format_expected_time(readiness), style="dim"))
    for finding in readiness.reasons:
        _show_reason(console, finding)
    console.print(Text(_format_checked_areas(readiness), style="dim"))
    if dependencies is not None and (required := list_required(dependencies)):
        console.print(Text(f"required AWS services (leeward dependencies): {required}", style="dim"))
    console.print()


def _format_expected_time(readiness: ReadinessReport) -> str:
    expected, objective = readiness.expected, durations.format_duration(readiness.expected.objective_seconds)
    time = "unknown" if expected.seconds is None else durations.format_duration(expected.seconds)
    return f"expected time: {time} of {objective} ({expected.source})"


def _show_reason(console: Console, finding: ReadinessFinding) -> None:
    """Print the check and its subject, the detail, and the fix."""
    heading = Text.assemble(
        (f"{finding.status.value:<8}", _STYLES[finding.status]), (finding.check, "bold"), f"  {finding.subject}"
    )
    console.print(heading, overflow="fold")
    for text, style in ((finding.detail, ""), (f"-> {finding.fix}", "cyan")):
        console.print(Padding(Text(text, style=style, overflow="fold"), (0, 0, 0, 8)))


def _format_checked_areas(readiness: ReadinessReport) -> str:
    areas = Counter(finding.check.partition(".")[0] for finding in readiness.findings)
    return "checked: " + ", ".join(f"{area} ({number})" for area, number in sorted(areas.items()))
