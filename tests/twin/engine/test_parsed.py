"""What moto's interpreter makes of a definition is kept between processes, and believed only for that definition."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.twin.engine.drills import ended, engine, machine, wait
from twin.engine.repairs import parsed

LONG = "x" * 25_000


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    before = parsed._folder
    parsed.keep_in(tmp_path / "parsed")
    yield tmp_path / "parsed"
    parsed.keep_in(before)


def _machine(seconds: int, comment: str = LONG) -> dict[str, Any]:
    return machine("Rest", Rest=wait(seconds)) | {"Comment": comment}


def _took(definition: dict[str, Any]) -> float:
    with engine() as opened:
        end = ended(opened, definition)
    assert end.status == "SUCCEEDED"
    return (end.stopped_at - end.started_at).total_seconds()


def test_a_long_definition_is_kept_and_runs_the_same_when_read_back(folder: Path) -> None:
    assert _took(_machine(30)) == 30
    (kept,) = folder.iterdir()
    text = json.dumps(_machine(30))
    assert parsed._path(text) == kept
    assert parsed.kept(text) is not None


def test_another_definition_is_not_answered_with_it(folder: Path) -> None:
    assert _took(_machine(31)) == 31
    assert parsed.kept(json.dumps(_machine(32))) is None
    assert _took(_machine(32)) == 32


def test_a_short_definition_is_not_kept(folder: Path) -> None:
    assert _took(_machine(33, comment="short")) == 33
    assert not folder.exists()


def test_a_spoilt_file_is_parsed_again_and_mended(folder: Path) -> None:
    definition = _machine(34)
    path = parsed._path(json.dumps(definition))
    assert path is not None
    folder.mkdir()
    path.write_bytes(b"cut sho")
    assert _took(definition) == 34
    assert parsed.kept(json.dumps(definition)) is not None


def test_a_folder_that_cannot_be_written_keeps_nothing_and_hinders_nothing(folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    assert _took(_machine(35)) == 35
