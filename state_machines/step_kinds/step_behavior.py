"""Checks, compiles, undoes, and plans a step, with the functions that the descriptor of its kind names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from leeward.base.import_paths import ImportPath, load
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.step_kind import StepKind
from leeward.kinds.registry import step_kinds
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.component_kinds.cost_items import CostItem
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.plan_values import QuotaUse, StatedTime
from leeward.state_machines.step_kinds.step_model import StepModel


def kind_of(step: StepModel) -> StepKind:
    """Return the descriptor of the step's kind."""
    return step_kinds()[step.kind]


def has_effect(step: StepModel, effect: Effect) -> bool:
    """Return whether steps of this kind can have the effect."""
    return kind_of(step).has(effect)


def check_step(step: StepModel, scope: StepScope) -> Iterable[DocumentProblem]:
    """Return the problems of the step that need the application."""
    return _call(kind_of(step).checks, (), step, scope)  # type: ignore[no-any-return]


def compile_step(step: StepModel, context: StepContext) -> Fragment:
    """Build the states of the step."""
    return load(kind_of(step).compiler)(step, context)  # type: ignore[no-any-return]


def can_undo(step: StepModel) -> bool:
    """Return whether a rollback can undo the step."""
    undo = kind_of(step).undo
    return undo is not None and bool(_call(undo.applies, True, step))


def compile_undo(step: StepModel, context: StepContext) -> Fragment:
    """Build the states that undo the step. Raises LookupError for a step that can't be undone."""
    undo = kind_of(step).undo
    if undo is None:
        raise LookupError(f"a step of the kind {step.kind} can't be undone")
    return load(undo.compiler)(step, context)  # type: ignore[no-any-return]


def continues_after_failed_undo(step: StepModel) -> bool:
    """Return whether the rollback continues when the step's undo fails."""
    undo = kind_of(step).undo
    return undo is not None and undo.continues_if_failed


def keeps_effect(step: StepModel) -> bool:
    """Return whether a rollback may leave the step's effect."""
    return bool(_call(kind_of(step).keeps_effect, False, step))


def count_waves(step: StepModel, scope: StepScope) -> int:
    """Return how many times its timeout the step may take."""
    return int(_call(kind_of(step).waves, 1, step, scope))


def stated_time(step: StepModel) -> StatedTime | None:
    """Return the duration that the document itself states for the step, or None."""
    return _call(kind_of(step).planned_time.from_document, None, step)  # type: ignore[no-any-return]


def list_step_costs(step: StepModel, application: Application, hours: float) -> Iterable[CostItem]:
    """Return what the step itself costs in a run that takes `hours`, in addition to the servers that it launches."""
    return _call(kind_of(step).cost, (), step, application, hours)  # type: ignore[no-any-return]


def list_quota_use(step: StepModel, application: Application) -> Iterable[QuotaUse]:
    """Return the step's use of AWS quotas."""
    return _call(kind_of(step).quotas, (), step, application)  # type: ignore[no-any-return]


def _call(path: ImportPath | None, default: object, *arguments: object) -> Any:
    return default if path is None else load(path)(*arguments)
