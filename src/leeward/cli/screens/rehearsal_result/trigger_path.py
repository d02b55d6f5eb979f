"""Build the list of events from a trigger to the run's start."""

from __future__ import annotations

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leeward.cli.rendering.text_format import to_one_line
from leeward.rehearsal.results.result_models import TriggerReport


def build_trigger_path(report: TriggerReport) -> Group:
    """Return a line for each event, with its time."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(style="quiet", no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for event in report.path:
        table.add_row(f"{event.at:%a %H:%M:%S}", Text(to_one_line(event.what)))
    return Group(Text(f"started by  {report.kind}", style="quiet"), Padding(table, (0, 0, 0, 2)))
