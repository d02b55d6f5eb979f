"""What a short rehearsal observes, and how two observations differ."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from leeward.rehearsal.assessment.run_assessment import assess_run
from leeward.rehearsal.end_state.session_state import read_twin_state
from leeward.rehearsal.results.result_models import RehearsalResult
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun

Observation = Mapping[str, Any]
# The parts of a run, from what a reader of its report notices first to what only a comparison shows.
_LONGEST_VALUE = 60
PARTS = ("run", "broken", "figures", "history", "calls", "report", "state")


def observe_run(stage: RehearsalSession, run: RehearsedRun, **facts: Any) -> Observation:
    """Wait for the run's end, and return these facts and every part of the run as JSON values."""
    ended = stage.wait_for_end(run)
    result = assess_run(stage, run, ended, "")
    calls = [[str(call.at), call.operation, call.outcome] for call in stage.engine.interceptor.calls]
    # The functions' environments have keys that OpenSSL draws, with random numbers of its own.
    resources = read_twin_state(stage).document.items()
    state = {str(key): fields for key, fields in resources if key.service != "lambda"}
    parts = {
        "run": [ended.status, ended.error, ended.cause],
        "broken": [each.name for each in result.invariants if each.violated],
        "figures": _figures(result),
        "history": list(stage.engine.get_history(run.execution)),
        "calls": calls,
        "report": result.model_dump(mode="json"),
        "state": state,
    }
    return json.loads(json.dumps({**facts, **parts}, default=str))  # type: ignore[no-any-return]


def _figures(result: RehearsalResult) -> dict[str, float | None]:
    took = (result.ended_at - result.started_at).total_seconds()
    return {"RTO": result.rto.measured_seconds, "RPO": result.rpo.measured_seconds, "run": took}


def describe_difference(expected: Observation, seen: Observation) -> str | None:
    """Return the first difference that a reader would notice, in a few words, or None."""
    facts = [name for name in expected if name not in PARTS]
    name = next((name for name in (*facts, *PARTS) if expected.get(name) != seen.get(name)), None)
    if name is None:
        return None
    before, after = expected.get(name), seen.get(name)
    if name in facts:
        if isinstance(before, list):
            return _describe_list(name, before, after)
        return f"{name}: {_words(before)} → {_words(after)}"
    return _DESCRIPTIONS[name](before, after)


def _words(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"`{text.splitlines()[0][:_LONGEST_VALUE]}`"


def _describe_run(before: Any, after: Any) -> str:
    first = next(index for index in range(3) if before[index] != after[index])
    return f"{('status', 'error', 'cause')[first]}: {_words(before[first])} → {_words(after[first])}"


def _describe_broken(before: Any, after: Any) -> str:
    changed = ", ".join(f"`{name}`" for name in after if name not in before)
    return f"breaks {changed}" if changed else f"no longer breaks {', '.join(f'`{name}`' for name in before)}"


def _describe_figures(before: Any, after: Any) -> str:
    changed = [name for name in before if before[name] != after[name]]
    return ", ".join(f"{name}: {_seconds(before[name])} → {_seconds(after[name])}" for name in changed)


def _seconds(value: float | None) -> str:
    return "none" if value is None else f"{value:.0f} s"


def _describe_list(noun: str, before: Any, after: Any) -> str:
    if len(before) != len(after):
        return f"{len(before)} → {len(after)} {noun}"
    changed = sum(one != other for one, other in zip(before, after, strict=True))
    return f"{changed} of {len(before)} {noun} differ"


def _describe_mapping(noun: str, before: Any, after: Any) -> str:
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    return f"{len(changed)} of {len({*before, *after})} {noun} differ"


_DESCRIPTIONS = {
    "run": _describe_run,
    "broken": _describe_broken,
    "figures": _describe_figures,
    "history": lambda before, after: _describe_list("events", before, after),
    "calls": lambda before, after: _describe_list("calls", before, after),
    "report": lambda before, after: _describe_mapping("fields of the result", before, after),
    "state": lambda before, after: _describe_mapping("resources at the end", before, after),
}
