"""Build the evidence section: the invariants, the launch times, the usage on AWS, and the paths of files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leeward.base import durations
from leeward.cli.project.project_root import format_path
from leeward.cli.rendering.glyphs import Glyphs
from leeward.cli.rendering.text_format import format_number, strip_control_characters, to_one_line
from leeward.rehearsal.results.reports.invariant_report import InvariantReport
from leeward.rehearsal.results.reports.usage_report import MeasuredUsage
from leeward.rehearsal.results.result_models import LaunchTimeReport, RehearsalResult, RunStepStatus

_MAX_CALLS_NAMED = 4


def build_evidence_section(rehearsal: RehearsalResult, *, root: Path, log: Path | None, glyphs: Glyphs) -> Group:
    """Return the invariants, the launch times, the usage, and the history's path, relative to the project's `root`."""
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(style="quiet", no_wrap=True)
    facts.add_column(overflow="fold")
    if rehearsal.launch_times:
        facts.add_row("launches", Text(to_one_line(_describe_launch_times(rehearsal.launch_times))))
    facts.add_row("usage", Text(_format_usage(rehearsal.usage)))
    facts.add_row("history", Text(strip_control_characters(format_path(root / rehearsal.history))))
    if log is not None:
        facts.add_row("log", Text(strip_control_characters(format_path(log))))
    return Group(
        Text(f"invariants  {count_invariants(rehearsal)}", style="quiet"),
        Padding(_build_invariants_table(rehearsal, glyphs), (0, 0, 1, 2)),
        facts,
    )


def count_invariants(rehearsal: RehearsalResult) -> str:
    """Return how many of the applicable invariants held, and how many don't apply."""
    applicable = [i for i in rehearsal.invariants if i.applicable]
    held = sum(i.held for i in applicable)
    other = len(rehearsal.invariants) - len(applicable)
    return f"{held} of {len(applicable)} held" + (f", {other} not applicable" if other else "")


def _build_invariants_table(rehearsal: RehearsalResult, glyphs: Glyphs) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(width=1)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for invariant in rehearsal.invariants:
        sign, style = glyphs.get_status_glyph(_choose_status(invariant))
        text_style = "" if invariant.held else style
        prefix = "BROKEN: " if invariant.violated else "" if invariant.applicable else "not applicable: "
        table.add_row(
            Text(sign, style=style),
            Text(to_one_line(invariant.name), style=text_style),
            Text(f"{prefix}{to_one_line(invariant.detail)}", style=text_style),
        )
    return table


def _describe_launch_times(reports: Sequence[LaunchTimeReport]) -> str:
    """Return one line, such as `database 12m18s (28 GiB); assumed from the disk size, ...`."""
    groups = ", ".join(
        f"{report.group} {durations.format_duration(report.seconds)} ({report.disks_gib} GiB)" for report in reports
    )
    assumed = [report.group for report in reports if report.assumed]
    if not assumed:
        return f"{groups}; as measured by the team, from world.yaml"
    which = "assumed" if len(assumed) == len(reports) else f"{' and '.join(assumed)} assumed"
    return f"{groups}; {which} from the disk size, set launch_times in world.yaml to the times of your drills"


def _choose_status(invariant: InvariantReport) -> RunStepStatus:
    """Return the status whose sign and color show the invariant."""
    if not invariant.applicable:
        return RunStepStatus.NOT_REACHED
    return RunStepStatus.DONE if invariant.held else RunStepStatus.FAILED


def _format_usage(usage: MeasuredUsage) -> str:
    calls = sorted(usage.api_calls.items(), key=lambda call: (-call[1], call[0]))
    named = ", ".join(f"{name} {format_number(n)}" for name, n in calls[:_MAX_CALLS_NAMED])
    return (
        f"{format_number(usage.state_transitions)} state transitions, "
        f"{format_number(usage.lambda_invocations)} Lambda invocations, "
        f"{format_number(sum(n for _, n in calls))} AWS calls" + (f" (most: {named})" if named else "")
    )
