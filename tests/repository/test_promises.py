"""Every promise of the pages is registered with a check that exists; every other such sentence has its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from leeward.rehearsal.invariants import list_invariants
from leeward.state_machines.checks.machine_report import CHECKS
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY
from tools.promises.check_references import CheckFinder
from tools.promises.page_sentences import page_sentences, promise_sentences
from tools.promises.registry import PageRegistry, Promise, read_registry, registered_pages, registry_problems

PAGES = registered_pages()
FINDER = CheckFinder({invariant.name for invariant in list_invariants()}, set(CHECKS))
PAGE = Path("docs/page.md")
CHECK = "tests/control/test_lock.py::test_second_run_fails_with_holder_and_time"


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_promise_of_a_page_has_a_check_and_every_entry_a_sentence(page: Path) -> None:
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    assert list(registry_problems(page, text, read_registry(page), FINDER)) == []


def test_every_hand_written_page_is_registered() -> None:
    assert {"README.md", "SECURITY.md", "docs/safety.md", "docs/runbooks.md"} <= {str(page) for page in PAGES}
    assert sum(len(read_registry(page).promises) for page in PAGES) > 200
    files = {path.stem for path in (REPOSITORY / "tests" / "repository" / "promises").glob("*.yaml")}
    assert files == {page.stem.lower() for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=str)
@pytest.mark.parametrize(
    "planted",
    [
        "Leeward never deletes a snapshot that it didn't create.",
        "Every run ends within a day.",
        "At most two servers launch at once.",
        "A run cannot start without its lock.",
        "The run stops if the origin answers.",
        "It makes no call to the origin.",
        "The bundle is guaranteed to be complete.",
    ],
)
def test_planted_promise_without_a_check_is_found(page: Path, planted: str) -> None:
    text = (REPOSITORY / page).read_text(encoding="utf-8") + f"\n{planted}\n"
    problems = list(registry_problems(page, text, read_registry(page), FINDER))
    assert [each for each in problems if each.startswith(f'{page}: "{planted}" reads like a promise')]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_promise_that_is_removed_from_its_page_is_found(page: Path) -> None:
    promise = read_registry(page).promises[0].text
    text = "\n".join(each for each in nonempty(page_sentences((REPOSITORY / page).read_text())) if each != promise)
    problems = list(registry_problems(page, text.replace("|", "-"), read_registry(page), FINDER))
    assert f'{page}: "{promise}" is registered, but is not on the page' in problems


@pytest.mark.parametrize(
    "text",
    [
        "- A list item that never ends",
        "| a | A cell that must hold |",
        "A sentence that is broken\nand only once.",
        "A [link](page.md) always resolves.",
        "**Bold** is never lost.",
    ],
)
def test_promise_sentences_finds(text: str) -> None:
    assert len(promise_sentences(f"# Page\n\n{text}\n")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "```\nnever\n```",
        "    never",
        "# Never",
        "<!-- generated: invariants -->\n| never |\n<!-- end generated -->",
        "The value `never` is accepted.",
        "[never]: page.md",
    ],
)
def test_promise_sentences_leaves_out_code_headings_and_generated_blocks(text: str) -> None:
    assert promise_sentences(f"{text}\n") == []


@pytest.mark.parametrize(
    "reference",
    [
        CHECK,
        "tests/control/test_lock.py",
        "invariant single-writer",
        "static check lock",
        "make check: tools.checks.prose",
        "tests/common/test_durations_and_arns.py::test_parse_duration",
    ],
)
def test_existing_check_has_no_problem(reference: str) -> None:
    assert FINDER.find_problem(reference) == ""


@pytest.mark.parametrize(
    ("reference", "problem"),
    [
        ("tests/control/test_lock.py::test_that_was_renamed", "there is no test"),
        ("tests/control/test_gone.py::test_lock", "there is no test"),
        ("tests/support/paths.py", "there is no test"),
        ("invariant single", "there is no check"),
        ("static check locks", "there is no check"),
        ("make check: tools.checks.nothing", "there is no check"),
        ("make check: pytest", "there is no check"),
        ("somewhere", "is no reference"),
        ("tests/board/test_board_pages.py::hostile", "is no reference"),
    ],
)
def test_missing_check_is_named(reference: str, problem: str) -> None:
    assert problem in FINDER.find_problem(reference)


CASES = """
import pytest
NAMES = ("origin", "target")
@pytest.mark.parametrize("region", NAMES)
@pytest.mark.parametrize(("kind", "code"), [("a", 1), ("b", 2)])
def test_it(region, kind, code): ...
@pytest.mark.skip(reason="later")
def test_skipped(): ...
@pytest.mark.xfail
def test_expected_to_fail(): ...
"""


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("test_it", ""),
        ("test_it[a-1-origin]", ""),
        ("test_it[c-1-origin]", "has no case"),
        ("test_skipped", "is skipped or expected to fail"),
        ("test_expected_to_fail", "is skipped or expected to fail"),
    ],
)
def test_test_and_case_are_found_in_the_source(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_case.py").write_text(CASES)
    found = CheckFinder((), (), tmp_path).find_problem(f"tests/test_case.py::{name}")
    assert problem in found
    assert bool(found) is bool(problem)


@pytest.mark.parametrize(
    ("registry", "problem"),
    [
        (PageRegistry((Promise("It never ends.", ()),)), "has no check"),
        (PageRegistry((Promise("It never ends.", (CHECK,)),) * 2), "registered more than once"),
        (PageRegistry((Promise("It never ends.", (f"{CHECK}_x",)),)), "there is no test"),
        (PageRegistry((), {"because": ("It never ends.",)}), '"because" is no known reason'),
    ],
)
def test_registry_problems_names(registry: PageRegistry, problem: str) -> None:
    found = list(registry_problems(PAGE, "It never ends.", registry, FINDER))
    assert found
    assert all(problem in each for each in found)
