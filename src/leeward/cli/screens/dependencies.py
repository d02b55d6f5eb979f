"""Show a dependency table: the services by what the run needs, and where a person was asked."""

from __future__ import annotations

from textwrap import wrap

from rich.console import Console
from rich.table import Table
from rich.text import Text

from leeward.base.durations import format_duration
from leeward.evidence.dependencies.dependency_table import DependencyTable, Requirement, ServiceDependency
from leeward.evidence.dependencies.dependency_text import HEADINGS, dependency_cells, list_details, list_uncalled

_STYLES = {Requirement.REQUIRED: "failed", Requirement.DELAYS: "warning", Requirement.UNKNOWN: "warning"}
_INDENT = "  "


def show_dependencies(console: Console, table: DependencyTable) -> None:
    """Print the table, the details of its trials, and the services that aren't called."""
    console.print(Text(f"{table.application} {table.runbook}", style="name"))
    console.print(
        f"scenario {table.scenario}, seed {table.seed}; without an outage, the run takes "
        f"{format_duration(table.clean_seconds)}",
        soft_wrap=True,
    )
    for requirement in Requirement:
        rows = table.with_requirement(requirement)
        if rows and requirement is not Requirement.NOT_CALLED:
            console.print()
            console.print(Text(str(requirement), style=_STYLES.get(requirement, "done")))
            console.print(_build_table(rows))
    details = list(list_details(table))
    if details:
        console.print()
    for detail in details:
        _print_wrapped(console, detail)
    if uncalled := list_uncalled(table):
        console.print()
        _print_wrapped(console, f"Not called: {uncalled}")


def _build_table(rows: list[ServiceDependency]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="quiet")
    for heading in HEADINGS:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, dependency_cells(row)))
    return table


def _print_wrapped(console: Console, text: str) -> None:
    lines = wrap(text, console.width, subsequent_indent=_INDENT)
    console.print(Text("\n".join(lines)), soft_wrap=True)
