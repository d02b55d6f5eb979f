"""A corrupted file of a generated machine is found by the checks of its text, not only by comparing it."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest

from leeward.state_machines.build import BuiltRunbook, build_runbooks
from leeward.state_machines.checks.expectations.expected_steps import MachineDocuments
from leeward.state_machines.checks.findings.machine_finding import MachineFinding
from leeward.state_machines.checks.machine_report import check_definition
from tests.state_machines.checks.corruptions.contents import CONTENTS
from tests.state_machines.checks.corruptions.errors import ERRORS
from tests.state_machines.checks.corruptions.flow import FLOW
from tests.state_machines.checks.corruptions.sites import Corruption, corrupt
from tests.state_machines.conftest import DOCUMENTS
from tests.support.paths import RUNBOOKS_FOLDER

CORRUPTIONS = (*FLOW, *ERRORS, *CONTENTS)
SEED = 20_260_301
DRAWN, FOUND_AT_LEAST = 30, 28


@cache
def samples() -> tuple[BuiltRunbook, ...]:
    return tuple(build_runbooks(RUNBOOKS_FOLDER))


def sample(name: str) -> BuiltRunbook:
    return next(one for one in samples() if f"{one.application.application} {one.runbook.runbook}" == name)


def findings(built: BuiltRunbook, text: str) -> tuple[MachineFinding, ...]:
    return check_definition(text, built.compiled, MachineDocuments(built.application, built.runbook)).findings


def find_corruption(corruption: Corruption, rng: Random, machines: tuple[BuiltRunbook, ...]) -> tuple[str, bool]:
    """Apply the corruption to the first machine that fits, in a drawn order. Return where, and whether it is found."""
    for built in rng.sample(machines, len(machines)):
        changed = corrupt(built.compiled.text, corruption, rng)
        if changed is not None:
            text, state = changed
            place = f"{corruption.__name__}: {built.compiled.application} {built.compiled.runbook}: {state}"
            return place, bool(findings(built, text))
    raise AssertionError(f"{corruption.__name__} fits no machine")


def test_there_are_enough_kinds_of_corruptions() -> None:
    assert len({one.__name__ for one in CORRUPTIONS}) == len(CORRUPTIONS) >= 20


@cache
def fitting_short() -> tuple[Corruption, ...]:
    text = sample("website drill").compiled.text
    return tuple(one for one in CORRUPTIONS if corrupt(text, one, Random(0)))


@pytest.mark.parametrize("number", range(5))
def test_drawn_corruption_of_a_short_machine_is_found(number: int) -> None:
    rng = Random(f"{SEED} short {number}")
    place, is_found = find_corruption(rng.choice(fitting_short()), rng, (sample("website drill"),))
    assert is_found, place


@pytest.mark.verify(reason="30 machines are compared in all scenarios")
def test_corruptions_drawn_across_all_machines_are_found() -> None:
    rng = Random(SEED)
    results = [find_corruption(rng.choice(CORRUPTIONS), rng, samples()) for _ in range(DRAWN)]
    missed = [place for place, is_found in results if not is_found]
    assert len(results) - len(missed) >= FOUND_AT_LEAST, missed


@pytest.mark.verify(reason="70 machines are compared in all scenarios")
@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=lambda one: one.__name__)
def test_every_kind_of_corruption_is_found(corruption: Corruption) -> None:
    place, is_found = find_corruption(corruption, Random(f"{SEED} {corruption.__name__}"), samples())
    assert is_found, place


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(f"{application} {runbook}", marks=marks)
        for application, runbook, marks in (
            ("website", "drill", ()),
            ("ticketing", "failover-routing-control", ()),
            *(
                (one.parent.name, one.stem, pytest.mark.verify(reason="each takes seconds"))
                for root in (RUNBOOKS_FOLDER, DOCUMENTS)
                for one in sorted(root.glob("*/*.yaml"))
                if one.stem != "application"
                and (one.parent.name, one.stem) not in {("website", "drill"), ("ticketing", "failover-routing-control")}
            ),
        )
    ],
)
def test_uncorrupted_machine_has_no_findings(name: str) -> None:
    every = (*samples(), *build_runbooks(DOCUMENTS))
    built = next(one for one in every if f"{one.application.application} {one.runbook.runbook}" == name)
    assert findings(built, built.compiled.text) == ()
