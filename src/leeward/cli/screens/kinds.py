"""Show the list of kinds, and everything about one kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from leeward.base import durations
from leeward.cli.rendering.text_format import strip_control_characters, to_one_line
from leeward.cli.screens.kind_fields import list_fields
from leeward.kinds.descriptors.effects import Effect

if TYPE_CHECKING:
    from pydantic import BaseModel

    from leeward.kinds.descriptors.component_kind import ComponentKind
    from leeward.kinds.descriptors.step_kind import PlannedTime, ServiceUse, StepKind, Undo
    from leeward.state_machines.step_kinds.step_model import StepModel

_EFFECT_WIDTH = 12
_VALUE_WIDTH = 20
_CONTROL_PLANE = "A control plane may be unavailable while its Region fails"


def show_kinds(
    console: Console, steps: Iterable[StepKind], components: Iterable[ComponentKind], foreign: Mapping[str, str]
) -> None:
    """Print a table of the step kinds, and one of the components.

    `foreign` has the plug-in of each kind that is not Leeward's own, by the kind's name.
    """
    table = _build_list("step kind", "what it does")
    for step in steps:
        table.add_row(_label(step.name, foreign), to_one_line(step.summary), _summarize_effects(step))
    console.print(table)
    console.print()
    table = _build_list("component", "what it is")
    for component in components:
        routes = Text("routes users", style="warning") if component.routes_users else ""
        table.add_row(_label(component.name, foreign), to_one_line(component.summary), routes)
    console.print(table)
    console.print()
    console.print(Text("Details of one kind: leeward kinds KIND", style="quiet"))


def _build_list(name: str, summary: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="quiet")
    table.add_column(name, overflow="fold")
    table.add_column(summary, overflow="fold", ratio=1)
    table.add_column("effect", overflow="fold", width=_EFFECT_WIDTH)
    return table


def _label(name: str, foreign: Mapping[str, str]) -> Text:
    label = Text(name, style="name")
    return label.append(f"\nfrom {to_one_line(foreign[name])}", style="quiet") if name in foreign else label


def _summarize_effects(kind: StepKind) -> Text:
    """Return the two effects that matter to an operator. `leeward kinds KIND` lists all effects."""
    words = ["changes"] if kind.has(Effect.CHANGES) else []
    words += [Effect.MOVES_USERS.value] if kind.has(Effect.MOVES_USERS) else []
    return Text(", ".join(words), style="warning" if kind.has(Effect.MOVES_USERS) else "")


def show_step_kind(
    console: Console, kind: StepKind, plugin: str, document: type[StepModel], example: str | None
) -> None:
    """Print everything about a step kind. `document` is the model that its descriptor names."""
    facts = {
        "effects": ", ".join(effect.value for effect in Effect if kind.has(effect)) or "none",
        "planned time": _describe_planned_time(kind.planned_time),
        "timeout": f"{durations.format_duration(document.default_timeout)} for one attempt, by default",
        "if it fails": f"{document.default_policy}, by default",
        "undo": _describe_undo(kind.undo),
        "waits for": kind.waits_for or "",
        "skip": "" if kind.may_be_skipped else "a run's input can't skip it",
        "needs": "\n".join(_describe_service(use) for use in kind.services) or "no AWS service of its own",
        "caution": f"{_CONTROL_PLANE}." if kind.needs_control_plane else "",
        "tasks": ", ".join(task.name for task in kind.all_tasks) or "none: Step Functions runs it",
        "readiness": ", ".join(kind.readiness) or "no checks of its own",
        "simulated": ", ".join(kind.simulation),
        "plug-in": plugin,
    }
    _show_kind(console, kind, document, facts)
    console.print()
    console.print(Text("example" if example else "no example", style="quiet"))
    if example:
        console.print(Text(strip_control_characters(example.rstrip("\n"))), soft_wrap=True)


def show_component_kind(console: Console, kind: ComponentKind, plugin: str, document: type[BaseModel]) -> None:
    """Print everything about a component kind. `document` is the model that its descriptor names."""
    facts = {
        "users": "it decides which Region users reach" if kind.routes_users else "",
        "simulated": ", ".join(kind.simulation) or "no services in addition to moto's",
        "plug-in": plugin,
    }
    _show_kind(console, kind, document, facts)


def _show_kind(
    console: Console, kind: StepKind | ComponentKind, document: type[BaseModel], facts: Mapping[str, str]
) -> None:
    """Print the name, the summary, the facts that aren't empty, and the fields of the document."""
    console.print(Text.assemble((kind.name, "name"), f"  {to_one_line(kind.summary)}"))
    console.print()
    if document.__doc__:
        console.print(Text(to_one_line(document.__doc__)))
        console.print()
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="quiet")
    grid.add_column(overflow="fold")
    for label, fact in facts.items():
        if fact:
            grid.add_row(label, Text(fact, style="warning" if label == "caution" else ""))
    console.print(grid)
    console.print()
    _show_fields(console, document)


def _show_fields(console: Console, document: type[BaseModel]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="quiet")
    table.add_column("field", overflow="fold")
    table.add_column("value", overflow="fold", max_width=_VALUE_WIDTH)
    table.add_column("what it means", overflow="fold")
    for field in list_fields(document):
        default = f"default: {field.default}" if field.default else "optional"
        need = Text("required", style="asking") if field.required else Text(default)
        table.add_row(Text(field.name, style="name"), need.append(f"\n{field.type}", "quiet"), field.description)
    console.print(table)


def _describe_planned_time(time: PlannedTime) -> str:
    if not time.p95:
        return "as long as the document says"
    p50, p95 = durations.format_duration(time.p50), durations.format_duration(time.p95)
    stated = ", unless the document says how long" if time.from_document else ""
    return f"median {p50}, 95th percentile {p95}{stated} (assumed, not measured)"


def _describe_undo(undo: Undo | None) -> str:
    if undo is None:
        return "not possible"
    words = "possible" if undo.applies is None else "possible, depending on the step's fields"
    return f"{words}; a failed undo doesn't stop the rollback" if undo.continues_if_failed else words


def _describe_service(use: ServiceUse) -> str:
    places = {"own": "in the Region that the step acts in", "other": "in the other Region"}
    place = places.get(use.region, f"in {use.region}")
    return f"{use.service}{' control plane' if use.control_plane else ''} {place}"
