"""The clean run: what a runbook does when nothing is broken, and so what can be broken in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import chain
from random import Random
from typing import Any

from twin.sweep.faults import DARK, STOPPED, CallMode, Fault, LambdaMode, OperatorMode

# What a run that only reads may answer with: the rest have no list, no word and no optional field to surprise with.
_READS = ("Describe", "Get", "List", "Query")
_SURPRISING = (CallMode.EMPTY, CallMode.NEW_VALUE, CallMode.MISSING)


@dataclass(slots=True)
class Survey:
    """`calls` are `function service:Operation region`, `invocations` functions, `states` and `steps` names and ids."""

    outcome: str = ""
    broken: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    invocations: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    questions: int = 0
    regions: list[str] = field(default_factory=list)

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
    for number, call in enumerate(survey.calls, start=1):
        operation = call.split()[1].partition(":")[2]
        for mode in CallMode:
            if mode not in _SURPRISING or operation.startswith(_READS):
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


def quick_choice(survey: Survey, seed: int, most: int) -> list[Fault]:
    """A part of the faults: of those that differ only in which of several equal looks they strike, one; of these `most`
    are drawn, every class at least once where `most` allows."""
    draw = Random(f"{seed}|quick")  # noqa: S311 - reproducible on purpose
    kinds: dict[tuple[str, str], list[Fault]] = {}
    for fault in faults_of(survey):
        kinds.setdefault((fault.label, place_of(survey, fault)), []).append(fault)
    chosen = [draw.choice(alike) for alike in kinds.values()]
    draw.shuffle(chosen)
    first: dict[str, Fault] = {}
    for fault in chosen:
        first.setdefault(fault.label, fault)
    rest = [fault for fault in chosen if first[fault.label] is not fault]
    return [*first.values(), *rest][:most]


def pairs_of(survey: Survey, seed: int, count: int) -> list[tuple[Fault, ...]]:
    """Pairs of faults, drawn at random; and each answer of a person to a failure, with a failure to answer."""
    draw = Random(f"{seed}|pairs")  # noqa: S311
    singles = [fault for fault in faults_of(survey) if fault.kind in ("call", "lambda", "step")]
    denied = [fault for fault in singles if fault.how in (CallMode.DENIED, CallMode.MISSING)]
    answers = [Fault("operator", "", mode) for mode in (OperatorMode.RETRIES, OperatorMode.SKIPS, OperatorMode.SILENT)]
    pairs: list[tuple[Fault, ...]] = []
    for number in range(count):
        if number % 4 == 0 and denied:
            pairs.append((draw.choice(denied), draw.choice(answers)))
        else:
            first, second = draw.sample(singles, 2)
            pairs.append((first, second))
    return list(dict.fromkeys(pairs))
