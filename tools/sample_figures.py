"""Rehearse every sample runbook, and write the measured figures to docs/generated.

    python tools/sample_figures.py

The figures are for the default scenario, seed 7, and realistic time. Every runbook is started by a person, and also by
its alarm or schedule if it has one. The tests of tests/rehearsals/realism compare rehearsals with the JSON file.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leeward.base.durations import format_duration
from leeward.infra.synthesis.template_cache import synthesize
from leeward.rehearsal.results.objectives import RehearsalObjective
from leeward.rehearsal.results.result_models import RehearsalResult
from leeward.rehearsal.runner.single_rehearsal import rehearse
from leeward.rehearsal.runner.trigger_rehearsal import RehearsalTrigger, rehearse_from_trigger
from leeward.state_machines.build import build_runbooks
from leeward.state_machines.deployment.trigger_definitions import get_alarm, get_schedule
from leeward.twin.realism.realism_settings import Realism

ROOT = Path(__file__).resolve().parents[1]
JSON_FILE = ROOT / "docs" / "generated" / "sample-figures.json"
PAGE = JSON_FILE.with_suffix(".md")
SEED = 7
_WORKERS = 2
_HEADER = (
    "Runbook",
    "Started by",
    "Start",
    "RTO",
    "Objective",
    "RPO",
    "Objective",
    "All served",
    "Downtime",
    "Run",
    "Passed",
)

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """One rehearsal: a committed runbook, and the trigger that starts it. Without a trigger, a person starts it."""

    application: str
    runbook: str
    trigger: RehearsalTrigger | None = None

    @property
    def name(self) -> str:
        """Return the key of the sample in the JSON file."""
        return f"{self.application} {self.runbook} {self.started_by}"

    @property
    def started_by(self) -> str:
        """Return `person`, `alarm`, or `schedule`."""
        return self.trigger.value if self.trigger else "person"

    @property
    def command(self) -> str:
        """Return the command that measures the figures."""
        start = f" --trigger {self.trigger}" if self.trigger else ""
        return f"leeward rehearse {self.application} {self.runbook}{start}"


def main() -> int:
    """Measure all samples and rewrite both files."""
    samples = sorted(list_samples(), key=lambda sample: sample.name)
    with ProcessPoolExecutor(_WORKERS) as pool:
        measured = list(pool.map(measure, samples))
    figures = {sample.name: each for sample, each in zip(samples, measured, strict=True)}
    JSON_FILE.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    PAGE.write_text(render_page(figures), encoding="utf-8")
    return 0


def list_samples() -> Iterator[Sample]:
    """Yield every committed runbook, started by a person and by each of its triggers."""
    for built in build_runbooks(ROOT / "runbooks"):
        application, runbook = built.application.application, built.runbook.runbook
        yield Sample(application, runbook)
        if get_alarm(built.runbook) is not None:
            yield Sample(application, runbook, RehearsalTrigger.ALARM)
        if get_schedule(built.runbook) is not None:
            yield Sample(application, runbook, RehearsalTrigger.SCHEDULE)


def measure(sample: Sample, realism: Realism | None = None) -> Figures:
    """Rehearse the sample and return its figures. `realism` turns off delays for tests. By default, all are on."""
    return _figures(rehearse_sample(sample, realism))


def rehearse_sample(sample: Sample, realism: Realism | None = None) -> RehearsalResult:
    """Rehearse the sample and return the result. Its files are not kept."""
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):  # hides the Lambda functions' logs
        return _rehearse(sample, Path(folder), realism)


def read_figures() -> dict[str, Figures]:
    """Return the committed figures by the name of the sample."""
    figures: dict[str, Figures] = json.loads(JSON_FILE.read_text(encoding="utf-8"))
    return figures


def _rehearse(sample: Sample, folder: Path, realism: Realism | None) -> RehearsalResult:
    if sample.trigger is None:
        return rehearse(ROOT, sample.application, sample.runbook, seed=SEED, history_dir=folder, realism=realism)
    templates = synthesize(sample.application)
    return rehearse_from_trigger(
        ROOT, sample.application, sample.runbook, sample.trigger, templates,
        seed=SEED, history_dir=folder, realism=realism,
    )  # fmt: skip


def _figures(result: RehearsalResult) -> Figures:
    """Return what the page states, in exact seconds. `start_seconds` is the time from the incident to the start."""
    start = None if result.incident_at is None else (result.started_at - result.incident_at).total_seconds()
    return {
        "scenario": result.scenario,
        "seed": result.seed,
        "start_seconds": start,
        "rto": _objective(result.rto),
        "rpo": _objective(result.rpo),
        "served_seconds": _seconds_until_served(result),
        "downtime_seconds": result.clients.downtime_seconds,
        "failed_requests": result.clients.failed,
        "run_seconds": (result.ended_at - result.started_at).total_seconds(),
        "outcome": result.outcome.value,
        "passed": result.passed,
    }


def _seconds_until_served(result: RehearsalResult) -> float | None:
    """Return the seconds from the incident, or else from the run's start. None if the run moves no clients."""
    if result.clients.moved is None or result.clients.served_since is None:
        return None
    return (result.clients.served_since - (result.incident_at or result.started_at)).total_seconds()


def _objective(objective: RehearsalObjective) -> Figures:
    return objective.model_dump(mode="json", exclude={"met"}) | {"verdict": _verdict(objective)}


def _verdict(objective: RehearsalObjective) -> str:
    if objective.missed:
        return "missed"
    return "not measured" if objective.measured_seconds is None else "met"


def render_page(figures: dict[str, Figures]) -> str:
    """Return the text of the page."""
    lines = [*_INTRODUCTION]
    samples = sorted(list_samples(), key=lambda sample: sample.name)
    for application in sorted({sample.application for sample in samples}):
        chosen = [sample for sample in samples if sample.application == application]
        lines += ["", f"## {application.capitalize()}", "", *_table([_row(s, figures[s.name]) for s in chosen])]
        lines += ["", "Commands, in the order of the rows:", "", *(f"    {sample.command}" for sample in chosen)]
    return "\n".join(lines) + "\n"


def _row(sample: Sample, figures: Figures) -> Sequence[str]:
    rto, rpo = figures["rto"], figures["rpo"]
    return (
        sample.runbook, sample.started_by, _duration(figures["start_seconds"]),
        _measured(rto), _compared(rto), _duration(rpo["measured_seconds"]), _compared(rpo),
        _duration(figures["served_seconds"]), _duration(figures["downtime_seconds"]), _duration(figures["run_seconds"]),
        "yes" if figures["passed"] else "no",
    )  # fmt: skip


def _measured(objective: Figures) -> str:
    if objective["measured_seconds"] is None:
        return str(objective["status"])
    return f"{_duration(objective['measured_seconds'])} ({objective['basis']})"


def _compared(objective: Figures) -> str:
    return f"{_duration(objective['objective_seconds'])}: {objective['verdict']}"


def _duration(seconds: float | None) -> str:
    return "none" if seconds is None else format_duration(seconds)


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    head, *body = ["| " + " | ".join(cells) + " |" for cells in (_HEADER, *rows)]
    return [head, "|" + "---|" * len(_HEADER), *body]


_INTRODUCTION = (
    "# Figures of the sample runbooks",
    "",
    "`python tools/sample_figures.py` writes this page and `sample-figures.json`, which has the exact seconds. Each",
    "row is one rehearsal on the twin with realistic time, the runbook's default scenario, and seed 7. Another seed",
    "gives other figures.",
    "",
    "- **Start** is the time from the incident to the start of the run. For an alarm, it is the measured detection",
    "  time. For a person, the scenario assumes it (`start.after`). A drill or a failback responds to no incident.",
    "- **RTO** starts at the incident. Without an incident, it starts at the first failed request. It ends when the",
    "  expected Region serves every client. If the run moves no clients, it is the duration of the longest step that",
    "  launches servers. The word in parentheses says what the value was measured from. RTO is shorter than Start if",
    "  health checks move all clients before the run starts. It is 0s if no client lost service.",
    "- **RPO** is the age of the oldest lost write. If writes aren't audited, it is the age of the data that the",
    "  recovery points of the launched servers lack.",
    "- **All served** is the time until the expected Region serves every client, from the incident or else from the",
    "  start of the run.",
    "- **Downtime** is how long at least one client was without service.",
    "- **Run** is the duration of the run.",
)


if __name__ == "__main__":
    sys.exit(main())
