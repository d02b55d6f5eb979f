"""The checks of names, prose, structure, and commit messages find what they are for."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest

from leeward.kinds.registry import step_kinds
from tests.support.nonempty import nonempty
from tools.checks import commit_message, empty_loops, kind_names, names, prose, structure
from tools.checks.python_sources import Source, python_sources


def source(text: str, path: str = "src/leeward/sample.py") -> Source:
    made = Source(Path(path))
    made.__dict__["text"] = text
    return made


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("def way_back(): ...", "way_back"),
        ("class DrillDossier: ...", "dossier"),
        ("def start(whom): ...", "whom"),
        ("quest = 1", "quest"),
        ("import boto3 as bench", "bench"),
    ],
)
def test_banned_identifiers_names_the_word_for_each_kind_of_definition(text: str, word: str) -> None:
    (problem,) = names.banned_identifiers([source(text)])
    assert word in problem


def test_banned_identifiers_accepts_longer_words_that_contain_a_banned_one() -> None:
    assert not list(names.banned_identifiers([source("def request(recommended, benchmark): ...")]))


def test_duplicate_classes_names_both_places() -> None:
    found = list(names.duplicate_classes([source("class New: ..."), source("class New: ...", "drs/new.py")]))
    assert any("src/leeward/sample.py:1, drs/new.py:1" in problem for problem in found)


def test_duplicate_classes_ignores_tests() -> None:
    found = names.duplicate_classes([source("class New: ..."), source("class New: ...", "tests/new.py")])
    assert not [problem for problem in nonempty(found) if problem.startswith("class New is defined")]


def test_at_most_forty_class_names_may_be_repeated() -> None:
    assert len(names.ALLOWED_DUPLICATE_CLASSES) <= 40
    assert all(names.ALLOWED_DUPLICATE_CLASSES.values()), "each needs its reason"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x" * 20 + " y" * 60, "140 characters"),
        ("| a | " + "word " * 21 + "|", "a table cell of 21 words"),
        ("word\n" * 91, "a paragraph of 91 words"),
        ("Nobody knows whom it is for.", 'a usual word for "whom"'),
    ],
)
def test_page_problems_finds(text: str, problem: str) -> None:
    (found,) = prose.page_problems(Path("page.md"), text)
    assert problem in found


def test_page_problems_accepts_code_lists_and_long_links() -> None:
    text = "```\n" + "word " * 20 + "\n```\n" + "- item\n" * 100 + "[a]: https://example.com/" + "x" * 120
    assert not list(prose.page_problems(Path("page.md"), text))


def test_word_problems_counts_hand_written_pages_only() -> None:
    long = "word " * (prose.MAX_DOCS_WORDS + 1)
    assert list(prose.word_problems({Path("docs/page.md"): long}))
    assert not list(prose.word_problems({Path("docs/generated/page.md"): long, Path("docs/adr/page.md"): long}))


def test_long_modules_finds_a_module_over_the_limit() -> None:
    (problem,) = structure.long_modules([source("x\n" * 301), source("x\n", "drs/a.py"), source("x\n", "drs/b.py")])
    assert "301 lines" in problem


def test_full_folders_finds_a_sixth_module() -> None:
    sources = [source("", f"src/leeward/sample/{name}.py") for name in "abcdef"]
    assert any("sample/: 6 loose modules" in problem for problem in structure.full_folders(sources))


def test_every_check_has_something_to_check() -> None:
    assert len([each for each in python_sources() if each.is_product]) > 500


@pytest.mark.parametrize(
    "subject",
    [
        "sweep: reuse earlier results on --resume",
        "drs, control: share one reader of tags",
        "state_machines/steps: refuse an empty group",
        "Merge branch 'x'",
    ],
)
def test_commit_message_accepts(subject: str) -> None:
    assert commit_message.problem_of(f"{subject}\n\nWhy.\n") is None


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("A run that failed is resumed", "is not `area: verb object`"),
        ("sweep: Reuse results", "is not `area: verb object`"),
        ("sweep: reuse", "is not `area: verb object`"),
        ("sweep: " + "reuse " * 12, "characters, at most 72"),
        ("sweep: reuse results\nwhy", "second line empty"),
    ],
)
def test_commit_message_rejects(message: str, problem: str) -> None:
    found = commit_message.problem_of(message)
    assert found is not None
    assert problem in found


@pytest.mark.parametrize(
    "body",
    [
        "for x in load():\n  assert x",
        "assert all(x > 0 for x in load())",
        "assert not [x for x in load() if x]",
        "assert not any(x for x in load().items())",
        "with opened():\n  for x in sorted(load()):\n    assert x",
    ],
)
def test_empty_loops_finds_assertions_over_computed_data(body: str) -> None:
    (found,) = empty_loops.unguarded_data(source("def test_it():\n" + textwrap.indent(body, "  "), "tests/test_it.py"))
    assert "load()" in ast.unparse(found)


@pytest.mark.parametrize(
    "body",
    [
        "for x in nonempty(load()):\n  assert x",
        "for x in (1, 2):\n  for y in x.parts:\n    assert y",
        "for kind in Kind:\n  assert kind",
        "items = load()\nassert len(items) == 2\nfor x in items:\n  assert x",
        "for x, y in zip(load(), (1, 2), strict=True):\n  assert x == y",
        "for x in load():\n  use(x)",
    ],
)
def test_empty_loops_accepts_data_that_cannot_be_empty(body: str) -> None:
    assert not list(
        empty_loops.unguarded_data(source("def test_it():\n" + textwrap.indent(body, "  "), "tests/test_it.py"))
    )


def test_nonempty_raises_when_there_is_nothing() -> None:
    assert nonempty(x for x in (1, 2)) == [1, 2]
    with pytest.raises(AssertionError, match="nothing to check"):
        nonempty([])


def test_banned_words_are_found_in_docstrings_and_comments_only() -> None:
    text = '"""Told anew."""\nbanned = "anew"  # whom it is for\n\ndef start():\n    """Start besides."""\n'
    found = [problem.split(": ")[0] for problem in prose.source_problems(source(text))]
    assert found == ["src/leeward/sample.py:1", "src/leeward/sample.py:5", "src/leeward/sample.py:2"]


def test_kind_names_are_found_in_text_and_as_strings() -> None:
    names = {"arc.route": None, "lock": None}
    text = '"""Runs after an arc.route step."""\nif kind == "lock":\n    world.arc.route()\n    arc.routes = "a lock"\n'
    assert list(kind_names.mentions(text, names)) == [("arc.route", 1), ("lock", 2)]


def test_kind_owns_the_modules_that_its_descriptor_names() -> None:
    owners = kind_names.own_files([step_kinds()["arc.route"]])
    assert owners == {
        "arc.route": {
            "leeward.infra.permissions.tasks.arc_route",
            "leeward.kinds.builtin.steps.arc_route",
            "leeward.lambdas.arc_route",
            "leeward.state_machines.deployment.permission_probes.tasks.arc_route",
            "leeward.state_machines.steps.arc_route",
        }
    }
