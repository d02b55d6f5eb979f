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

from leeward.twin.engine.engine import install
from leeward.twin.engine.moto_patches.performance import definition_cache
from tests.twin.engine.drills import ended, engine, machine, wait

LONG = "x" * 25_000
GENERATED = Path(__file__).parents[3] / "state_machines" / "generated"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    before = definition_cache._cache_folder
    definition_cache.set_cache_folder(tmp_path / "parsed")
    yield tmp_path / "parsed"
    definition_cache.set_cache_folder(before)


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
    assert definition_cache._cache_path(text) == kept
    assert definition_cache.load_program(text) is not None


def test_another_definition_is_not_answered_with_it(folder: Path) -> None:
    assert _took(_machine(31)) == 31
    assert definition_cache.load_program(json.dumps(_machine(32))) is None
    assert _took(_machine(32)) == 32


def test_a_short_definition_is_not_kept(folder: Path) -> None:
    assert _took(_machine(33, comment="short")) == 33
    assert not folder.exists()


def test_a_spoilt_file_is_parsed_again_and_mended(folder: Path) -> None:
    definition = _machine(34)
    path = definition_cache._cache_path(json.dumps(definition))
    assert path is not None
    folder.mkdir()
    path.write_bytes(b"cut sho")
    assert _took(definition) == 34
    assert definition_cache.load_program(json.dumps(definition)) is not None


def _same(one: Any, other: Any, seen: set[tuple[int, int]]) -> bool:
    """Whether two programs are the same, part by part."""
    if (id(one), id(other)) in seen:
        return True
    seen.add((id(one), id(other)))
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(_same(one[key], other[key], seen) for key in one)
    if isinstance(one, list | tuple | set | frozenset):
        return len(one) == len(other) and all(_same(a, b, seen) for a, b in zip(one, other, strict=True))
    if hasattr(one, "__dict__"):
        return _same(vars(one), vars(other), seen)
    return bool(one == other)


def test_a_program_put_together_of_its_states_is_the_one_that_is_parsed_whole(folder: Path) -> None:
    text = (GENERATED / "ticketing" / "failover.asl.json").read_text()
    install()
    definition_cache.set_cache_folder(None)
    whole = AmazonStateLanguageParser.parse(text + " ")[0]
    definition_cache.set_cache_folder(folder)
    composed = AmazonStateLanguageParser.parse(text + "\n")[0]  # no test has parsed this text before
    assert _same(whole, composed, set())
    assert len(list(folder.iterdir())) > 10
    changed = AmazonStateLanguageParser.parse(text.replace('"MaxAttempts": 5', '"MaxAttempts": 4'))[0]
    assert not _same(whole, changed, set())


def test_who_changes_one_state_waits_for_that_state(folder: Path) -> None:
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


def test_what_is_wrong_is_told_of_the_whole(folder: Path) -> None:
    with engine() as opened, pytest.raises(ClientError, match="Nonsense"):
        ended(opened, machine("Rest", Rest={"Type": "Nonsense"}) | {"Comment": LONG})


def test_a_folder_that_cannot_be_written_keeps_nothing_and_hinders_nothing(folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    assert _took(_machine(35)) == 35
