"""Each patch has an experiment and changes a rehearsal, as `docs/generated/twin-patches.md` lists."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence

import pytest

from leeward.twin.engine import PATCHES
from tests.rehearsals.patches.patch_page import PAGE, listed_changes, make_page
from tests.rehearsals.patches.short_rehearsals import REHEARSALS
from tests.rehearsals.patches.short_rehearsals.observations import describe_difference
from tests.rehearsals.patches.shown_patches import MOST_NOT_SHOWN, NOT_SHOWN, SAVING, SHOWN_BY
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY
from tests.twin.engine.patch_experiments import EXPERIMENTS

BY_REHEARSAL = {
    rehearsal: [patch for patch, shown_by in SHOWN_BY.items() if shown_by == rehearsal] for rehearsal in REHEARSALS
}
# Modules whose patches only save work.
PERFORMANCE = ("interpreter_overhead.", "request_overhead.", "json_responses.", "service_models.")
OTHER_SAVINGS = ("write_capture.copy_touched_items", "query_index.query_by_index")


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def measure(patches: Sequence[str]) -> Mapping[str, str]:
    """What changes without each patch, in a process that has played no rehearsal before."""
    command = [sys.executable, "-m", "tests.rehearsals.patches.patch_page", *patches]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: Mapping[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_every_patch_has_an_experiment_and_a_rehearsal_or_a_reason() -> None:
    assert set(EXPERIMENTS) == set(PATCHES.names)
    assert {*SHOWN_BY, *NOT_SHOWN, *SAVING} == set(PATCHES.names)
    assert set(SHOWN_BY.values()) <= set(REHEARSALS)


def test_only_patches_for_speed_may_change_nothing_but_the_cost() -> None:
    assert [name for name in nonempty(SAVING) if not name.startswith(PERFORMANCE) and name not in OTHER_SAVINGS] == []


def test_at_most_five_patches_are_shown_by_no_rehearsal_each_with_a_reason() -> None:
    assert len(NOT_SHOWN) <= MOST_NOT_SHOWN
    assert all(reason.endswith(".") for reason in nonempty(NOT_SHOWN.values()))
    assert set(NOT_SHOWN).isdisjoint(SHOWN_BY)


def test_page_lists_every_patch_with_its_experiment_and_rehearsal() -> None:
    """If it fails: python -m tests.rehearsals.patches.patch_page."""
    changes = listed_changes(page())
    assert set(changes) == {*SHOWN_BY, *SAVING}
    assert page() == make_page(changes)


def test_every_saving_patch_saves_calls() -> None:
    changes = listed_changes(page())
    assert [name for name in nonempty(SAVING) if float(changes[name].removeprefix("+").removesuffix(" %")) <= 0] == []


def test_two_patches_change_their_rehearsal_as_the_page_lists() -> None:
    patches = ["execution_api.tolerate_unstarted_executions", "execution_stopping.end_backoff_on_stop"]
    assert measure(patches) == {name: listed_changes(page())[name] for name in patches}


@pytest.mark.verify("plays a rehearsal without each patch that it shows")
@pytest.mark.parametrize("rehearsal", [name for name, patches in BY_REHEARSAL.items() if patches])
def test_patches_change_the_rehearsal_as_the_page_lists(rehearsal: str) -> None:
    patches = BY_REHEARSAL[rehearsal]
    assert measure(patches) == {name: listed_changes(page())[name] for name in nonempty(patches)}


@pytest.mark.verify("plays a rehearsal without each patch that saves work")
def test_saving_patches_change_nothing_but_the_cost() -> None:
    listed, measured = listed_changes(page()), measure(SAVING)
    for name in nonempty(SAVING):
        before, now = (float(each[name].removeprefix("+").removesuffix(" %")) for each in (listed, measured))
        assert 0.5 * before < now < 2 * before, name  # another version of Python calls other functions


@pytest.mark.verify("plays two rehearsals in a new process; test_process_isolation.py tests the import of handlers")
def test_second_run_of_a_process_gives_executions_the_same_names() -> None:
    program = (
        "from tests.rehearsals.patches.short_rehearsals.operators import unnamed_starts as play\n"
        "first, second = play(), play()\n"
        "assert first['names'] == second['names'], (first['names'], second['names'])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_difference_is_what_a_reader_notices_first() -> None:
    run = {"run": ["SUCCEEDED", None, None], "broken": [], "figures": {"RTO": 1.2}, "history": [1, 2], "calls": []}
    assert describe_difference(run, run) is None
    assert describe_difference({"fact": 1, **run}, {"fact": 2, **run, "calls": [1]}) == "fact: `1` → `2`"
    assert describe_difference(run, {**run, "run": ["FAILED", None, None]}) == "status: `SUCCEEDED` → `FAILED`"
    assert describe_difference(run, {**run, "broken": ["claims"], "history": []}) == "breaks `claims`"
    assert describe_difference(run, {**run, "figures": {"RTO": 2.3}}) == "RTO: 1 s → 2 s"
    assert describe_difference(run, {**run, "history": [1, 3]}) == "1 of 2 events differ"
    assert describe_difference(run, {**run, "calls": [1]}) == "0 → 1 calls"
