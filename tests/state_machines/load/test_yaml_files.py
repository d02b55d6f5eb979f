"""Malformed documents: each a clear problem with its place, never a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.load.document_loader import LoadedDocument, load_application, load_runbook, load_text
from leeward.state_machines.load.text_files import MAX_FILE_BYTES
from leeward.state_machines.load.yaml_parser.yaml_nodes import MAX_DEPTH, UnreadableDocument, parse_yaml
from leeward.state_machines.load.yaml_parser.yaml_scalars import resolve_scalar
from leeward.state_machines.runbook.runbook_document import Runbook

HERE = Path("somewhere.yaml")


def problems_of(text: str) -> DocumentProblem:
    with pytest.raises(UnreadableDocument) as info:
        parse_yaml(text, HERE)
    return info.value.problem


def single(found: LoadedDocument[Application] | LoadedDocument[Runbook] | list[DocumentProblem]) -> DocumentProblem:
    assert isinstance(found, list)
    assert len(found) == 1, found
    return found[0]


# The file


def test_missing_file_is_reported(tmp_path: Path) -> None:
    assert "cannot be read" in single(load_application(tmp_path / "application.yaml")).message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "application.yaml"
    path.write_text("application: x")
    path.chmod(0)
    assert "cannot be read" in single(load_application(path)).message


def test_folder_instead_of_file_is_reported(tmp_path: Path) -> None:
    assert "cannot be read" in single(load_runbook(tmp_path)).message


@pytest.mark.parametrize("text", ["", "\n\n  \n"])
def test_empty_file_is_reported(tmp_path: Path, text: str) -> None:
    path = tmp_path / "application.yaml"
    path.write_text(text)
    problem = single(load_application(path))
    assert (problem.line, problem.column, problem.message) == (1, 1, "the file is empty")


def test_comments_only_file_is_reported() -> None:
    assert "no document" in problems_of("# nothing\n").message


def test_oversized_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "application.yaml"
    path.write_bytes(b"a: " + b"x" * MAX_FILE_BYTES)
    assert single(load_application(path)).message == "the file is too large"


def test_invalid_encoding_is_reported_with_place(tmp_path: Path) -> None:
    path = tmp_path / "application.yaml"
    path.write_bytes("application: website\ndescription: Größe\n".encode("latin-1"))
    problem = single(load_application(path))
    assert (problem.line, problem.column) == (2, 16)
    assert problem.message == "byte 0xf6 is not UTF-8"


def test_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "application.yaml"
    path.write_bytes(b"\xef\xbb\xbfapplication: website\n")
    found = load_application(path)
    assert isinstance(found, list)
    assert {problem.message for problem in found} == {
        "account is missing", "regions is missing", "objectives is missing", "components is missing",
    }  # fmt: skip


# YAML


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a: 1\n\tb: 2\n", 2, 1, "tab"),
        ("a: 1\nb: [1, 2\n", 3, 1, "not valid YAML"),
        ("a: 'open\n", 2, 1, "not valid YAML"),
        ("a: b: c\n", 1, 5, "mapping values are not allowed here"),
        ("a: 1\n  b: 2\n", 2, 4, "not valid YAML"),
        ("a: @b\n", 1, 4, "not valid YAML"),
        ("a: 1\nb: \x07\n", 2, 4, "a character that YAML does not allow"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, 'the key "a" occurs twice, first on line 1'),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document starts here"),
        ("a: !!python/object:os.system x\n", 1, 4, "the tag"),
        ("a: !!str 1\n", 1, 4, "the tag"),
        ("a: !!map {}\n", 1, 4, "the tag"),
        ("a: *b\n", 1, 4, "the alias *b has no anchor above it"),
        ("a: &a [*a]\n", 1, 8, "is inside its own anchor"),
        ("? [a]\n: b\n", 1, 3, "a key is a mapping or a list"),
        ("1: a\n", 1, 1, "a key is 1, not a text"),
        (": a\n", 1, 1, "a key is empty"),
        ("true: a\n", 1, 1, "a key is True, not a text"),
        ("a: .inf\n", 1, 4, ".inf is not a number that JSON can represent"),
        ("a: 1e999\n", 1, 4, "too large for a number"),
        ("a: 11112222333344445555\n", 1, 4, "more digits than a number can hold"),
        ('a: "\\ud800"\n', 1, 4, "half of a surrogate pair"),
    ],
)
def test_invalid_yaml_is_reported_with_place(text: str, line: int, column: int, message: str) -> None:
    problem = problems_of(text)
    assert message in str(problem)
    assert (problem.line, problem.column) == (line, column)


def test_tab_is_reported_with_hint() -> None:
    assert problems_of("a:\n\t- b\n").hint == "YAML is indented with spaces, never with tabs"


@pytest.mark.parametrize(
    "text", ["[" * 5000, "{a: " * 5000, "- " * 5000, "a:\n" + "".join(" " * n + "a:\n" for n in range(1, 300))]
)
def test_too_deep_document_is_reported(text: str) -> None:
    assert problems_of(text).message == "the document is nested too deeply"


def test_maximum_depth_is_accepted() -> None:
    value, _ = parse_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH, HERE)
    assert isinstance(value, list)


def test_alias_expansion_attack_is_rejected() -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    problem = problems_of("\n".join(lines))
    assert problem.message == "the document has too many values"
    assert problem.line == 5


def test_alias_is_resolved() -> None:
    value, _ = parse_yaml("a: &x {b: 1}\nc: *x\n", HERE)
    assert value == {"a": {"b": 1}, "c": {"b": 1}}


def test_merge_key_is_an_ordinary_key() -> None:
    value, _ = parse_yaml("a: &x {b: 1}\nc: {<<: *x}\n", HERE)
    assert value == {"a": {"b": 1}, "c": {"<<": {"b": 1}}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("off", "off"), ("12:30", "12:30"), ("0777", 777), ("0o17", 15), ("0x1F", 31), ("-7", -7),
        ("1_000", "1_000"), ("2026-03-01", "2026-03-01"), ("true", True), ("Null", None), ("~", None), ("1.5", 1.5),
        (".5", 0.5), ("1e3", 1000.0), ("5m", "5m"), ("+", "+"), (".", "."), ("=", "="),
    ],
)  # fmt: skip
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    assert resolve_scalar(text) == value
    assert type(resolve_scalar(text)) is type(value)


def test_yaml_1_1_directive_is_rejected() -> None:
    value, _ = parse_yaml("%YAML 1.1\n---\na: yes\n", HERE)
    assert value == {"a": "yes"}


@pytest.mark.parametrize("text", ["- a\n", "text\n", "1\n", "null\n"])
def test_non_mapping_document_is_reported(text: str) -> None:
    problem = single(load_text(text, HERE, Application))
    assert problem.message == "the document is not a mapping"
    assert (problem.line, problem.column) == (1, 1)
