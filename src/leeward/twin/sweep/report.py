"""What a sweep is told as: the figures of each class of faults, and each failure with the command that replays it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from leeward.twin.report import Outcome
from leeward.twin.sweep.stages import Course
from leeward.twin.sweep.survey import Survey
from leeward.twin.sweep.trial import Verdict


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CleanRun(_Model):
    """What the runbook did with nothing broken."""

    calls: int
    invocations: int
    states: int
    steps: int
    questions: int


class ClassReport(_Model):
    """One class of faults. `converged`: ended otherwise than in success, and reached the goal when run again."""

    label: str
    runs: int
    succeeded: int
    converged: int
    problems: int


class FailureReport(_Model):
    """A case that did not end well. `smallest` is the smallest set of its faults that still fails."""

    fault: str
    smallest: str
    outcome: str
    again: str
    problems: list[str]
    replay: str
    cause: str


class SweepReport(_Model):
    """One runbook. `possible` counts the single faults that there are; `ran` the runs of this time, the others were
    known from an earlier one; `struck` those in which there was something to strike; `met` those that came to the same
    instant as another, alike in all, and share its end; `seconds` are real, `cpu_seconds` the processor's, of every run
    together."""

    application: str
    runbook: str
    seed: int
    clean: CleanRun
    possible: int
    runs: int
    ran: int
    struck: int
    met: int
    succeeded: int
    converged: int
    violations: int
    seconds: float
    cpu_seconds: float
    runs_per_minute: float
    classes: list[ClassReport]
    failures: list[FailureReport]

    @property
    def passed(self) -> bool:
        """Every run ended well."""
        return self.violations == 0


def replay(course: Course, fault: str) -> str:
    """The one command that does the same again."""
    return shlex.join(
        ["leeward", "sweep", course.application, course.runbook, "--seed", str(course.seed), "--only", fault]
    )


def report(
    course: Course,
    survey: Survey,
    possible: int,
    verdicts: Sequence[Verdict],
    smallest: Mapping[str, str],
    *,
    ran: int,
    seconds: float,
) -> SweepReport:
    """All of it."""
    failed = [verdict for verdict in verdicts if not verdict.ended_well]
    return SweepReport(
        application=course.application,
        runbook=course.runbook,
        seed=course.seed,
        clean=CleanRun(
            calls=len(survey.calls),
            invocations=len(survey.invocations),
            states=len(survey.states),
            steps=len(survey.steps),
            questions=survey.questions,
        ),
        possible=possible,
        runs=len(verdicts),
        ran=ran,
        struck=sum(verdict.struck for verdict in verdicts),
        met=sum(bool(verdict.same_as) for verdict in verdicts),
        succeeded=_succeeded(verdicts),
        converged=_converged(verdicts),
        violations=len(failed),
        seconds=round(seconds, 1),
        cpu_seconds=round(sum(verdict.seconds for verdict in verdicts), 1),
        runs_per_minute=round(60 * ran / seconds, 1) if seconds else 0,
        classes=_classes(verdicts),
        failures=[_failure(course, verdict, smallest.get(verdict.fault, verdict.fault)) for verdict in failed],
    )


def _classes(verdicts: Sequence[Verdict]) -> list[ClassReport]:
    by_label: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_label.setdefault("pairs" if "+" in verdict.fault else verdict.label, []).append(verdict)
    return [
        ClassReport(
            label=label,
            runs=len(alike),
            succeeded=_succeeded(alike),
            converged=_converged(alike),
            problems=sum(not verdict.ended_well for verdict in alike),
        )
        for label, alike in sorted(by_label.items())
    ]


def _succeeded(verdicts: Iterable[Verdict]) -> int:
    return sum(v.outcome == Outcome.SUCCEEDED and v.ended_well for v in verdicts)


def _converged(verdicts: Iterable[Verdict]) -> int:
    return sum(v.again == Outcome.SUCCEEDED and v.ended_well for v in verdicts)


def _failure(course: Course, verdict: Verdict, smallest: str) -> FailureReport:
    return FailureReport(
        fault=verdict.fault,
        smallest=smallest,
        outcome=verdict.outcome,
        again=verdict.again,
        problems=verdict.problems,
        replay=replay(course, smallest),
        cause=verdict.cause,
    )
