"""What moto's interpreter makes of a definition is kept between processes, and believed only for that definition."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from leeward.twin.engine import PATCHES
from leeward.twin.engine.moto_patches.performance import definition_cache
from tests.support.paths import REPOSITORY
from tests.twin.engine.machines import machine, open_engine, run_execution, wait

LONG = "x" * 25_000
GENERATED = REPOSITORY / "state_machines" / "generated"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    before = definition_cache._cache_folder
    definition_cache.set_cache_folder(tmp_path / "parsed")
    yield tmp_path / "parsed"
    definition_cache.set_cache_folder(before)


def _machine(seconds: int, comment: str = LONG) -> dict[str, Any]:
    return machine("Rest", Rest=wait(seconds)) | {"Comment": comment}


def _virtual_seconds_of(definition: dict[str, Any]) -> float:
    with open_engine() as opened:
        end = run_execution(opened, definition)
    assert end.status == "SUCCEEDED"
    return (end.stopped_at - end.started_at).total_seconds()


def test_long_definition_is_cached_and_runs_the_same(folder: Path) -> None:
    assert _virtual_seconds_of(_machine(30)) == 30
    (kept,) = folder.iterdir()
    text = json.dumps(_machine(30))
    assert definition_cache._cache_path(text) == kept
    assert definition_cache.load_program(text) is not None


def test_cache_misses_for_other_definition(folder: Path) -> None:
    assert _virtual_seconds_of(_machine(31)) == 31
    assert definition_cache.load_program(json.dumps(_machine(32))) is None
    assert _virtual_seconds_of(_machine(32)) == 32


def test_short_definition_is_not_cached(folder: Path) -> None:
    assert _virtual_seconds_of(_machine(33, comment="short")) == 33
    assert not folder.exists()


def test_corrupt_cache_file_is_replaced(folder: Path) -> None:
    definition = _machine(34)
    path = definition_cache._cache_path(json.dumps(definition))
    assert path is not None
    folder.mkdir()
    path.write_bytes(b"cut sho")
    assert _virtual_seconds_of(definition) == 34
    assert definition_cache.load_program(json.dumps(definition)) is not None


def _is_same_program(one: Any, other: Any, seen: set[tuple[int, int]]) -> bool:
    """Whether two programs are the same, part by part."""
    if (id(one), id(other)) in seen:
        return True
    seen.add((id(one), id(other)))
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(_is_same_program(one[key], other[key], seen) for key in one)
    if isinstance(one, list | tuple | set | frozenset):
        return len(one) == len(other) and all(_is_same_program(a, b, seen) for a, b in zip(one, other, strict=True))
    if hasattr(one, "__dict__"):
        return _is_same_program(vars(one), vars(other), seen)
    return bool(one == other)


def test_program_composed_of_states_equals_whole_parse(folder: Path) -> None:
    text = (GENERATED / "ticketing" / "failover.asl.json").read_text()
    with PATCHES.applied():
        definition_cache.set_cache_folder(None)
        whole = AmazonStateLanguageParser.parse(text + " ")[0]
        definition_cache.set_cache_folder(folder)
        composed = AmazonStateLanguageParser.parse(text + "\n")[0]  # no test has parsed this text before
        assert _is_same_program(whole, composed, set())
        assert len(list(folder.iterdir())) > 10
        changed = AmazonStateLanguageParser.parse(text.replace('"MaxAttempts": 5', '"MaxAttempts": 4'))[0]
        assert not _is_same_program(whole, changed, set())


def test_changing_one_state_parses_only_that_state(folder: Path) -> None:
    states = {f"S{n}": wait(n + 1, Comment="x" * 2_000, Next=f"S{n + 1}") for n in range(12)}
    definition = machine("S0", **states, S12={"Type": "Succeed"})
    parsed_texts: list[str] = []

    def parse(text: str) -> Any:
        parsed_texts.append(text)
        return SimpleNamespace(states=SimpleNamespace(states=dict.fromkeys(json.loads(text)["States"])))

    assert list(definition_cache.parse_with_cache(json.dumps(definition), parse).states.states) == [*states, "S12"]
    parsed_texts.clear()
    states["S5"]["Seconds"] = 99
    definition_cache.parse_with_cache(json.dumps(definition), parse)
    assert [text for text in parsed_texts if "99" in text] == [
        json.dumps({"StartAt": "S5", "States": {"S5": states["S5"]}})
    ]
    assert len(parsed_texts) == 3  # the frame, that state, and the last, which is too short to be kept


def test_parse_error_covers_whole_definition(folder: Path) -> None:
    with open_engine() as opened, pytest.raises(ClientError, match="Nonsense"):
        run_execution(opened, machine("Rest", Rest={"Type": "Nonsense"}) | {"Comment": LONG})


def test_unwritable_cache_folder_is_ignored(folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    assert _virtual_seconds_of(_machine(35)) == 35
