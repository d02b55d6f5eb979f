"""The clean run: what a runbook does when nothing is broken, and so what can be broken in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import chain
from random import Random
from typing import Any

from leeward.twin.sweep.faults import DARK, RETRIED, STOPPED, CallMode, Fault, LambdaMode, OperatorMode

# What a step mostly fails of. Within so many calls after it, mostly, the run has taken back what it takes back, has
# recorded its end and ended.
_FAILURES = (CallMode.DENIED, CallMode.EXPIRED, CallMode.MISSING, CallMode.THROTTLED_LONG)
_AFTERMATH = 48


@dataclass(slots=True)
class Survey:
    """`calls` are `function service:Operation region`, `sites` where each of them stands in the code (state, function,
    which call of the invocation), `invocations` functions, `states` and `steps` names and ids; `goal` is how the run
    leaves the world."""

    outcome: str = ""
    broken: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    invocations: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    questions: int = 0
    regions: list[str] = field(default_factory=list)
    goal: dict[str, str] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @property
    def fingerprint(self) -> str:
        """Two clean runs with the same fingerprint can be broken in the same ways."""
        told = "\n".join(chain(self.calls, self.invocations, self.states))
        return hashlib.sha256(told.encode()).hexdigest()[:12]


def faults_of(survey: Survey) -> list[Fault]:
    """Every single fault, in the order of the run."""
    return [*_calls(survey), *_invocations(survey), *_stops(survey), *_darkness(survey), *_operator(survey)]


def _calls(survey: Survey) -> Iterator[Fault]:
    for number, _ in enumerate(survey.calls, start=1):
        for mode in CallMode:
            yield Fault("call", str(number), mode)


def _invocations(survey: Survey) -> Iterator[Fault]:
    for number, _ in enumerate(survey.invocations, start=1):
        for mode in LambdaMode:
            yield Fault("lambda", str(number), mode)


def _stops(survey: Survey) -> Iterator[Fault]:
    for number, _ in enumerate(survey.states, start=1):
        yield Fault("state", str(number), STOPPED)


def _darkness(survey: Survey) -> Iterator[Fault]:
    for step in survey.steps:
        for region in survey.regions:
            yield Fault("step", step, DARK, region)


def _operator(survey: Survey) -> Iterator[Fault]:
    if survey.questions:
        yield Fault("operator", "", OperatorMode.REJECTS)
        yield Fault("operator", "", OperatorMode.SILENT)


def place_of(survey: Survey, fault: Fault) -> str:
    """Where a fault strikes, in words: the function and the call, the state, the step."""
    lists = {"call": survey.calls, "lambda": survey.invocations, "state": survey.states}
    if fault.kind not in lists:
        return fault.where
    known = lists[fault.kind]
    return known[fault.number - 1] if fault.number <= len(known) else f"{fault.kind} {fault.number}"


def in_order(survey: Survey, seed: int) -> tuple[list[Fault], list[Fault], list[Fault]]:
    """Every single fault, in three parts, so that a sweep that is cut short has seen as much as it could.

    First each class of faults at each place, one of several equal ones, drawn; then at each site, where it stands in
    the code; then what is left, which is what a step that waits does again and again. In the first, every class comes
    before any comes twice; in the others, what the SDK mends by itself comes last.
    """
    draw = Random(f"{seed}|order")  # noqa: S311 - reproducible on purpose
    faults = faults_of(survey)
    draw.shuffle(faults)
    by_place = {(fault.label, place_of(survey, fault)): fault for fault in faults}
    by_class: dict[str, Fault] = {}
    for fault in by_place.values():
        by_class.setdefault(fault.label, fault)
    first = list(dict.fromkeys([*by_class.values(), *by_place.values()]))
    sites = {(fault.label, place_of(survey, fault), _site(survey, fault)): fault for fault in [*faults, *first]}
    second = [fault for fault in dict.fromkeys(sites.values()) if fault not in set(first)]
    seen = {*first, *second}
    rest = [fault for fault in faults if fault not in seen]
    return first, sorted(second, key=_is_retried), sorted(rest, key=_is_retried)


def _is_retried(fault: Fault) -> bool:
    return fault.how in RETRIED


def _site(survey: Survey, fault: Fault) -> str:
    return survey.sites[fault.number - 1] if fault.kind == "call" else ""


def pairs_of(survey: Survey, seed: int, count: int) -> list[tuple[Fault, ...]]:
    """Pairs of faults, drawn: a failure and what a person answers to it; twice as many in which a failure is followed
    by one in what it has set going, which no clean run does; and as many of any two faults."""
    draw = Random(f"{seed}|pairs")  # noqa: S311
    singles = [fault for fault in faults_of(survey) if fault.kind in ("call", "lambda", "step")]
    failures = [fault for fault in singles if fault.how in _FAILURES]
    answers = [Fault("operator", "", mode) for mode in (OperatorMode.RETRIES, OperatorMode.SKIPS, OperatorMode.SILENT)]
    pairs: list[tuple[Fault, ...]] = []
    for number in range(count):
        first, second = draw.sample(singles, 2)
        if number % 4 == 0 and failures:
            first, second = draw.choice(failures), draw.choice(answers)
        elif number % 4 in (1, 2) and failures:
            first = draw.choice(failures)
            second = Fault("call", str(first.number + draw.randint(1, _AFTERMATH)), draw.choice(list(CallMode)))
        pairs.append((first, second))
    return list(dict.fromkeys(pairs))
