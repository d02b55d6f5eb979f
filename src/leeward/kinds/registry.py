"""All kinds of all plug-ins.

The collection and the descriptors load with the first question about a kind, which most calls of a task never ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from leeward.base.import_paths import ImportPath

if TYPE_CHECKING:
    from leeward.kinds.descriptors.component_kind import ComponentKind
    from leeward.kinds.descriptors.effects import Effect
    from leeward.kinds.descriptors.step_kind import StepKind, Task


@cache
def step_kinds() -> Mapping[str, StepKind]:
    """Return the step kinds by name, sorted. Raises PluginError when two plug-ins have the same kind."""
    from leeward.kinds import kind_collection  # noqa: PLC0415 - see the module's docstring

    return kind_collection.collect_step_kinds()


@cache
def component_kinds() -> Mapping[str, ComponentKind]:
    """Return the component kinds by name, sorted. Raises PluginError when two plug-ins have the same kind."""
    from leeward.kinds import kind_collection  # noqa: PLC0415 - see the module's docstring

    return kind_collection.collect_component_kinds()


@cache
def step_tasks() -> Mapping[str, Task]:
    """Return the tasks of all step kinds by name. Raises PluginError when two kinds declare a task differently."""
    from leeward.kinds import kind_collection  # noqa: PLC0415 - see the module's docstring

    return kind_collection.collect_tasks(step_kinds().values())


def task_handler(task: str) -> ImportPath:
    """Return the Lambda handler of a task: a step kind declares it, or it is one of Leeward's own."""
    declared = step_tasks().get(task)
    return declared.handler if declared is not None else f"leeward.lambdas.{task}:handler"


def kinds_with(effect: Effect) -> tuple[str, ...]:
    """Return the names of the step kinds that can have the effect, sorted."""
    return tuple(name for name, kind in step_kinds().items() if kind.has(effect))


def has_effect(kind: str, effect: Effect) -> bool:
    """Return whether steps of the kind called `kind` can have the effect. An unknown kind has none: see `is_known`."""
    found = step_kinds().get(kind)
    return found is not None and found.has(effect)


def is_known(kind: str) -> bool:
    """Return whether a kind called `kind` is installed here. Journals may have steps of other kinds."""
    return kind in step_kinds()


def is_journaled(kind: str) -> bool:
    """Return whether the steps of the kind called `kind` record their end in the journal, as tasks do."""
    found = step_kinds().get(kind)
    return found is None or found.is_journaled


def may_be_skipped(kind: str) -> bool:
    """Return whether a run's input may skip steps of the kind called `kind`."""
    found = step_kinds().get(kind)
    return found is None or found.may_be_skipped
