"""A sweep: which trials, in which order, which of them are known already, and what they come to together."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from leeward.twin.errors import TwinError
from leeward.twin.sweep import fleet
from leeward.twin.sweep.aftermath import Begin, cases_after
from leeward.twin.sweep.faults import Fault, NoSuchFault, name_of, parse, parse_set
from leeward.twin.sweep.fleet import Case
from leeward.twin.sweep.record import Record
from leeward.twin.sweep.report import SweepReport, report
from leeward.twin.sweep.stages import Course, set_up
from leeward.twin.sweep.survey import Survey, faults_of, in_order, pairs_of
from leeward.twin.sweep.trial import Verdict, attempt

QUICK_RUNS = 40
# One pair is drawn for so many single faults.
_A_PAIR_FOR = 10


class CleanRunFails(TwinError):
    """The runbook does not even end well with nothing broken."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. `only` is the id of one case; `after` that of a fault: each call that follows it is broken in
    its turn; `limit` the most trials. No record is kept of `only` and `after`."""

    quick: bool = False
    only: str | None = None
    after: str | None = None
    jobs: int = 1
    resume: bool = False
    limit: int | None = None


@dataclass(slots=True)
class Progress:
    """What whoever watches is told."""

    course: Course
    total: int
    done: int = 0
    problems: int = 0


OnProgress = Callable[[Progress, Verdict | None], object]


def sweep(course: Course, wish: Wish, on_progress: OnProgress = lambda *_: None) -> SweepReport:
    """Sweep one runbook. Raises CannotRehearse, LookupError, InvalidDocuments, NoSuchFault, TwinError."""
    only = None if wish.only is None else parse_set(wish.only)
    after = None if wish.after is None else parse(wish.after)
    began = time.perf_counter()
    survey = _warmed_up(course)
    record = None
    if only is not None:
        _require(only, survey, course)
        cases = [only]
    elif after is not None:
        _require((after,), survey, course)
        cases = cases_after(after, _broken_by(after, course))[: wish.limit]
    else:
        record = Record(course, survey)
        cases = _cases(survey, course.seed, wish)
    verdicts = _known(record, cases) if record is not None and wish.resume else {}
    if record is not None and not verdicts:
        record.begin()
    left = [case for case in cases if name_of(case) not in verdicts]
    progress = Progress(course, len(cases), len(verdicts), sum(not each.ended_well for each in verdicts.values()))
    on_progress(progress, None)

    def ended(case: Case, verdict: Verdict) -> None:
        verdicts[name_of(case)] = verdict
        if record is not None:
            record.add(verdict)
        progress.done += 1
        progress.problems += not verdict.ended_well
        on_progress(progress, verdict)

    with ExitStack() as opened:
        with _silenced():
            setting = fleet.Setting(*opened.enter_context(set_up(course)), wish.jobs, survey.goal)
        fleet.run(setting, left, ended, list(verdicts.values()))
        smallest = _shrunk(setting, list(verdicts.values()))
    seconds = time.perf_counter() - began
    possible = len(faults_of(survey))
    return report(course, survey, possible, list(verdicts.values()), smallest, ran=len(left), seconds=seconds)


@contextmanager
def _silenced() -> Iterator[None]:
    """Handlers write logs and metrics to standard output, as Lambda wants them."""
    sys.stdout.flush()
    silence, kept = os.open(os.devnull, os.O_WRONLY), os.dup(1)
    os.dup2(silence, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(silence)


def _warmed_up(course: Course) -> Survey:
    """The clean run, in this process: every client is made, every path parsed, before the first fork."""
    with _silenced(), set_up(course) as (stage, ready):
        verdict, survey = attempt(stage, ready)
    if verdict.outcome != "succeeded" or verdict.problems:
        told = "; ".join(verdict.problems) or f"{verdict.outcome}: {verdict.error}"
        raise CleanRunFails(f"{course.name} does not end well with nothing broken: {told}")
    return survey


def _broken_by(fault: Fault, course: Course) -> Survey:
    """The run with this fault alone, in this process."""
    with _silenced(), set_up(course) as (stage, ready):
        return attempt(stage, ready, Begin(fault))[1]


def _require(case: Case, survey: Survey, course: Course) -> None:
    """Something of the case is in the clean run; the rest of a pair may come because of it. Raises NoSuchFault."""
    if not any(fault.kind == "operator" or fault in faults_of(survey) for fault in case):
        raise NoSuchFault(
            f"{name_of(case)} strikes nothing: the clean run of {course.name} makes {len(survey.calls)} calls and "
            f"{len(survey.invocations)} invocations, and enters {len(survey.states)} states of the steps "
            f"{', '.join(survey.steps)}, in {' and '.join(survey.regions)}; no other code or seed numbers them alike"
        )


def _cases(survey: Survey, seed: int, wish: Wish) -> list[Case]:
    parts = in_order(survey, seed)
    cases: list[Case] = []
    if wish.quick:
        cases += [(fault,) for fault in parts[0]]
        return cases[: wish.limit or QUICK_RUNS]
    pairs = pairs_of(survey, seed, sum(map(len, parts)) // _A_PAIR_FOR)
    for part in parts:
        singles = [(fault,) for fault in part]
        count = len(part) // _A_PAIR_FOR
        cases += [*singles, *pairs[:count]]
        pairs = pairs[count:]
    return cases[: wish.limit]


def _known(record: Record, cases: Sequence[Case]) -> dict[str, Verdict]:
    wanted = {name_of(case) for case in cases}
    return {name: verdict for name, verdict in record.known().items() if name in wanted}


def _shrunk(setting: fleet.Setting, verdicts: Sequence[Verdict]) -> dict[str, str]:
    """For each pair that failed, the one of its faults that fails alone, if one does."""
    failed = {verdict.fault: verdict for verdict in verdicts if not verdict.ended_well}
    pairs = [parse_set(name) for name in failed if "+" in name]
    known = {verdict.fault: verdict.ended_well for verdict in verdicts}
    unknown = [(fault,) for pair in pairs for fault in pair if fault.id not in known]
    fleet.run(
        setting,
        list(dict.fromkeys(unknown)),
        lambda case, verdict: known.update({case[0].id: verdict.ended_well}),
    )
    smallest = {}
    for pair in pairs:
        alone = next((fault.id for fault in pair if not known[fault.id]), None)
        if alone is not None:
            smallest[name_of(pair)] = alone
    return smallest
