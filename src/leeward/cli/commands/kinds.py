"""`leeward kinds`: list the kinds of steps and components, and show one."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import asdict
from json import dumps
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.arguments.name_suggestions import require_existing_name
from leeward.cli.rendering.terminal import create_stdout_console

if TYPE_CHECKING:
    from leeward.kinds.descriptors.component_kind import ComponentKind
    from leeward.kinds.descriptors.step_kind import StepKind

K = TypeVar("K", "StepKind", "ComponentKind")
_OWN_PLUGIN = "leeward"

HELP = join_paragraphs(
    "List the kinds of steps and components, or show everything about one kind.",
    """The kinds of installed plug-ins are listed too. For one kind, the command shows its effects, times, AWS services,
    fields, and an example. It needs no project and no AWS credentials.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward kinds",
        "leeward kinds KIND",
        "leeward kinds --json | jq -r .step_kinds[].name",
    ],
    exit_codes="0 success; 2 no such kind, or a plug-in can't be used.",
)


def complete_kinds(incomplete: str) -> list[str]:
    """Return the kinds that start with `incomplete`, or none while a plug-in is broken."""
    from leeward.kinds.plugin_discovery import PluginError  # noqa: PLC0415 - loads the plug-ins
    from leeward.kinds.registry import component_kinds, step_kinds  # noqa: PLC0415

    try:
        return [name for name in (*step_kinds(), *component_kinds()) if name.startswith(incomplete)]
    except PluginError:
        return []


def kinds(
    kind: Annotated[
        str | None,
        typer.Argument(metavar="[KIND]", help="A kind of step or component.", autocompletion=complete_kinds),
    ] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print only one JSON document.")] = False,
) -> None:
    """Print all kinds, or one kind."""
    from leeward.kinds.registry import component_kinds, step_kinds  # noqa: PLC0415 - loads the kinds

    steps, components = list(step_kinds().values()), list(component_kinds().values())
    if kind is not None:
        existing = {step.name for step in steps} | {component.name for component in components}
        require_existing_name("kind", kind, sorted(existing), place="Leeward and its plug-ins")
        steps, components = _select(steps, kind), _select(components, kind)
    if json:
        described = {
            "step_kinds": [_describe_step_kind(step) for step in steps],
            "component_kinds": [_describe_kind(component) for component in components],
        }
        sys.stdout.write(dumps(described, indent=2) + "\n")
    elif kind is None:
        _show_all(steps, components)
    else:
        _show_one(steps, components)


def _select(kinds: Iterable[K], name: str) -> list[K]:
    return [kind for kind in kinds if kind.name == name]


def _show_all(steps: list[StepKind], components: list[ComponentKind]) -> None:
    from leeward.cli.screens.kinds import show_kinds  # noqa: PLC0415 - imports pydantic
    from leeward.kinds.kind_collection import plugin_of  # noqa: PLC0415

    listed: list[StepKind | ComponentKind] = [*steps, *components]
    plugins = {kind.name: plugin_of(kind) for kind in listed}
    foreign = {name: plugin for name, plugin in plugins.items() if plugin != _OWN_PLUGIN}
    show_kinds(create_stdout_console(), steps, components, foreign)


def _show_one(steps: list[StepKind], components: list[ComponentKind]) -> None:
    """Print the kind of steps and the kind of components with the chosen name. Mostly there is only one of them."""
    from leeward.cli.screens.kinds import show_component_kind, show_step_kind  # noqa: PLC0415 - imports pydantic
    from leeward.kinds.kind_collection import plugin_of  # noqa: PLC0415

    console = create_stdout_console()
    for step in steps:
        show_step_kind(console, step, plugin_of(step), _load_document(step), _read_example(step))
    for component in components:
        show_component_kind(console, component, plugin_of(component), _load_document(component))


def _describe_step_kind(kind: StepKind) -> dict[str, Any]:
    document = _load_document(kind)
    return _describe_kind(kind) | {
        "effects": sorted(kind.effects),
        "changes": sorted(kind.changes),
        "needs_control_plane": kind.needs_control_plane,
        "default_timeout_seconds": document.default_timeout.total_seconds(),
        "default_policy": document.default_policy,
        "example_text": _read_example(kind),
    }


def _describe_kind(kind: StepKind | ComponentKind) -> dict[str, Any]:
    from leeward.kinds.kind_collection import plugin_of  # noqa: PLC0415

    return asdict(kind) | {"plugin": plugin_of(kind), "schema": _load_document(kind).model_json_schema()}


def _load_document(kind: StepKind | ComponentKind) -> Any:
    """Return the model that the kind's descriptor names. Raises PluginError when it can't be loaded."""
    from leeward.base.import_paths import load  # noqa: PLC0415
    from leeward.kinds.kind_collection import plugin_of  # noqa: PLC0415
    from leeward.kinds.plugin_discovery import PluginError  # noqa: PLC0415

    try:
        return load(kind.document)
    except Exception as error:
        raise PluginError(
            f"the plug-in {plugin_of(kind)}: the document of {kind.name} can't be loaded: "
            f"{type(error).__name__}: {error}. Repair or uninstall it"
        ) from error


def _read_example(kind: StepKind) -> str | None:
    """Return the text of the kind's example, or None if its file doesn't exist. Built-in kinds have one."""
    try:
        return kind.example_text
    except (FileNotFoundError, ModuleNotFoundError):
        return None
