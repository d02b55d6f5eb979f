"""Say in one line why a successful run passed, or which objectives, invariants, and steps speak against it."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.cli.rendering.text_format import to_one_line
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.registry import has_effect
from leeward.rehearsal.results.objectives import RehearsalObjective
from leeward.rehearsal.results.result_models import RehearsalResult, RunStepStatus, StepReport

_MAX_NAMED_STEPS = 3


def describe_pass(rehearsal: RehearsalResult) -> str:
    """Return why a rehearsal passed, without claiming more than was measured and checked."""
    applies = all(invariant.applicable for invariant in rehearsal.invariants)
    invariants = "every invariant held" if applies else "every invariant that applies held"
    return f"the run succeeded, {_describe_objectives(rehearsal)}, {invariants}"


def describe_problems(rehearsal: RehearsalResult) -> str:
    """Return what speaks against a run that succeeded: objectives, invariants, unmet steps, and the runs before it."""
    return ", and ".join(_list_problems(rehearsal))


def _list_problems(rehearsal: RehearsalResult) -> Iterator[str]:
    missed = [f"the {name}" for name, objective in _objectives(rehearsal) if objective.missed]
    if missed:
        yield f"missed {' and '.join(missed)}"
    broken = sum(invariant.violated for invariant in rehearsal.invariants)
    if broken:
        yield f"broke {broken} of {sum(invariant.applicable for invariant in rehearsal.invariants)} invariants"
    for step in rehearsal.unmet_steps[:_MAX_NAMED_STEPS]:
        yield describe_unmet_step(step)
    yield from (to_one_line(earlier.text) for earlier in rehearsal.prerequisites if not earlier.passed)
    more = len(rehearsal.unmet_steps) - _MAX_NAMED_STEPS
    if more > 0:
        yield f"{more} more steps failed or were skipped"


def describe_unmet_step(step: StepReport) -> str:
    """Return that a step failed or was skipped although the run went on."""
    word = "failed"
    if step.status is RunStepStatus.SKIPPED:
        word = "was skipped"
    elif has_effect(step.kind, Effect.CHECKS_SERVICE):
        word = "did not hold"
    return f"{to_one_line(step.name)!r} {word}"


def _describe_objectives(rehearsal: RehearsalResult) -> str:
    unmeasured = [name for name, objective in _objectives(rehearsal) if objective.measured_seconds is None]
    met = [name for name, _ in _objectives(rehearsal) if name not in unmeasured]
    if not unmeasured:
        return "every objective was met"
    if not met:
        return "no objective was measured"
    return f"the {met[0]} was met, the {unmeasured[0]} was not measured"


def _objectives(rehearsal: RehearsalResult) -> list[tuple[str, RehearsalObjective]]:
    return [("RTO", rehearsal.rto), ("RPO", rehearsal.rpo)]
