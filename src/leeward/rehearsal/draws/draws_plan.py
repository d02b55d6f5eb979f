"""What to draw: the rehearsal, its seeds, and its objectives. The documents are loaded once for all draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from leeward.evidence.draws.figures import FigureName
from leeward.rehearsal.incidents.service_failures import find_service_failure
from leeward.rehearsal.results.result_models import RehearsalResult
from leeward.rehearsal.runner.single_rehearsal import PreparedRehearsal, play_prepared, prepare_rehearsal
from leeward.rehearsal.scenarios.compiled_runbooks import moves_users
from leeward.rehearsal.session.rehearsal_session import DEFAULT_START


@dataclass(frozen=True, slots=True)
class RehearsalToDraw:
    """A rehearsal that is played many times.

    - `scenario` is a name, the path of a file, or None for the default scenario.
    - `trigger` starts the run from the templates in the folder `templates`.
    - `history_dir` keeps the history and the evidence of every draw. Without it, no draw writes files.
    """

    root: Path
    application: str
    runbook: str
    scenario: str | None = None
    run_input: Mapping[str, Any] | None = None
    trigger: str | None = None
    templates: Path | None = None
    history_dir: Path | None = None


@dataclass(frozen=True, slots=True)
class DrawsPlan:
    """What to draw: `count` rehearsals with the seeds from `first_seed` on, `jobs` of them in parallel.

    `play` rehearses with a seed. `repeat_command` returns the command that repeats the draw of a seed. `objectives` are
    in seconds.
    """

    application: str
    runbook: str
    scenario: str
    first_seed: int
    count: int
    jobs: int
    objectives: dict[FigureName, int]
    play: Callable[[int], RehearsalResult]
    repeat_command: Callable[[int], str]


def plan_draws(
    rehearsal: RehearsalToDraw, first_seed: int, count: int, jobs: int, repeat_command: Callable[[int], str]
) -> DrawsPlan:
    """Load the documents and return the plan.

    Raises CannotRehearse when the rehearsal can't start, LookupError when the runbook or the scenario doesn't exist,
    and InvalidDocuments when a document has an error.
    """
    prepared = prepare_rehearsal(rehearsal.root, rehearsal.application, rehearsal.runbook, rehearsal.scenario)
    objectives = prepared.ready.application.objectives
    keep_files = rehearsal.history_dir is not None
    options: dict[str, Any] = {
        "run_input": rehearsal.run_input, "history_dir": rehearsal.history_dir, "keep_files": keep_files
    }  # fmt: skip
    if rehearsal.trigger is None or rehearsal.templates is None:
        play = partial(play_prepared, prepared, **options)
    else:
        play = partial(_choose_triggered_rehearsal(rehearsal, rehearsal.trigger, rehearsal.templates), **options)
    return DrawsPlan(
        application=rehearsal.application,
        runbook=rehearsal.runbook,
        scenario=prepared.scenario_document.scenario,
        first_seed=first_seed,
        count=count,
        jobs=jobs,
        objectives={
            FigureName.RTO: int(objectives.rto.total_seconds()),
            FigureName.RPO: 0 if _is_planned_move(prepared) else int(objectives.rpo.total_seconds()),
        },
        play=lambda seed: play(seed=seed),
        repeat_command=repeat_command,
    )


def _is_planned_move(prepared: PreparedRehearsal) -> bool:
    """Return whether the run moves users although nothing failed before. Such a run may lose nothing."""
    ready, scenario = prepared.ready, prepared.scenario_document
    leaves_primary = ready.compiled.run_regions.origin == ready.application.regions.primary
    failed = find_service_failure(scenario, DEFAULT_START + scenario.incident.at, ready.application)
    return moves_users(ready) and not (leaves_primary and failed is not None)


def _choose_triggered_rehearsal(
    rehearsal: RehearsalToDraw, trigger: str, templates: Path
) -> Callable[..., RehearsalResult]:
    from leeward.rehearsal.runner.trigger_rehearsal import RehearsalTrigger, rehearse_from_trigger  # noqa: PLC0415 - imports the simulation of templates

    return partial(
        rehearse_from_trigger,
        rehearsal.root,
        rehearsal.application,
        rehearsal.runbook,
        RehearsalTrigger(trigger),
        templates,
        scenario=rehearsal.scenario,
    )
