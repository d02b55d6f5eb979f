"""The documents say what is there: every kind and key, every link, and nothing that is not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from leeward.rehearsal.scenarios.scenario_documents import Scenario
from leeward.state_machines.load.document_loader import LoadedDocument, load_text
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY

PAGES = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
COMMON = {"name", "kind", "on_failure", "timeout", "description"}
DOCUMENTS = "application", "runbook"
# Kinds of an alarm's signals, which have the same form as kinds of steps.
SIGNALS = {"http", "replication", "metric"}


def kinds_of_schema(schema: str) -> dict[str, dict[str, Any]]:
    definitions = json.loads((REPOSITORY / "state_machines" / "schema" / schema).read_text())["$defs"].values()
    models = [d for d in definitions if "const" in d.get("properties", {}).get("kind", {})]
    return {m["properties"]["kind"]["const"]: m["properties"] for m in models}


def reference_row(text: str, kind: str) -> str:
    found = [line for line in text.splitlines() if line.startswith(f"| `{kind}` |")]
    assert len(found) == 1, f"docs/runbooks.md has {len(found)} rows for {kind}"
    return found[0]


def section_of(text: str, heading: str) -> str:
    """The text below a heading, up to the next heading of the same level or a higher one."""
    level = len(heading) - len(heading.lstrip("#"))
    _, found, rest = text.partition(f"\n{heading}\n")
    assert found, f"docs/runbooks.md has no heading {heading}"
    return re.split(rf"^#{{1,{level}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def defined_keys(text: str) -> set[str]:
    """The keys that a list defines: everything in backticks before the colon of a bullet."""
    terms = re.findall(r"^- (`[^:]*`):", text, re.MULTILINE)
    return {key for term in terms for key in re.findall(r"`([a-z_]+)`", term)}


def component_sections(text: str) -> dict[str, str]:
    """The section of each component kind. One heading can name several kinds."""
    components = section_of(text, "### Components")
    headings = re.findall(r"^#### .*$", components, re.MULTILINE)
    return {kind: section_of(components, each) for each in headings for kind in re.findall(r"`([^`]+)`", each)}


def test_reference_describes_exactly_the_component_kinds_and_their_keys() -> None:
    sections = component_sections((REPOSITORY / "docs" / "runbooks.md").read_text())
    kinds = kinds_of_schema("application.schema.json")
    assert kinds
    assert set(sections) == set(kinds)
    for kind, properties in kinds.items():
        assert defined_keys(sections[kind]) == set(properties) - {"kind", "description"}, kind


def test_reference_has_a_row_with_exactly_the_keys_of_every_step_kind() -> None:
    text = (REPOSITORY / "docs" / "runbooks.md").read_text()
    kinds = {kind: keys for kind, keys in kinds_of_schema("runbook.schema.json").items() if kind not in SIGNALS}
    assert kinds
    for kind, properties in kinds.items():
        keys = reference_row(text, kind).split("|")[3]
        assert set(re.findall(r"`([a-z_]+)`", keys)) == set(properties) - COMMON, kind


def test_reference_defines_exactly_the_keys_of_the_step_kinds() -> None:
    defined = defined_keys(section_of((REPOSITORY / "docs" / "runbooks.md").read_text(), "### Step keys"))
    kinds = kinds_of_schema("runbook.schema.json")
    assert defined == {key for kind in set(kinds) - SIGNALS for key in kinds[kind]} - COMMON


def test_reference_describes_every_signal_kind_and_its_keys() -> None:
    text = section_of((REPOSITORY / "docs" / "runbooks.md").read_text(), "### `alarm`")
    kinds = kinds_of_schema("runbook.schema.json")
    assert kinds.keys() >= SIGNALS
    for kind in SIGNALS:
        (described,) = re.findall(rf"^- `{kind}`: (.*(?:\n  .*)*)", text, re.MULTILINE)
        assert set(re.findall(r"`([a-z_]+)`", described)) >= set(kinds[kind]) - COMMON, kind


def test_reference_defines_exactly_the_keys_of_the_documents_and_triggers() -> None:
    text = (REPOSITORY / "docs" / "runbooks.md").read_text()
    schemas = REPOSITORY / "state_machines" / "schema"
    application, runbook = (json.loads((schemas / f"{each}.schema.json").read_text()) for each in DOCUMENTS)
    described = {
        "## The application": application["properties"],
        "## The runbook": runbook["properties"],
        "### `alarm`": runbook["$defs"]["AlarmTrigger"]["properties"],
        "### `schedule`": runbook["$defs"]["ScheduleTrigger"]["properties"],
    }
    for heading, properties in nonempty(described.items()):
        below = re.split(r"^###? |^Every step|^Signal kinds", section_of(text, heading), maxsplit=1, flags=re.MULTILINE)
        assert defined_keys(below[0]) == set(properties) - {"description"}, heading


def test_reference_lists_only_existing_kinds() -> None:
    text = (REPOSITORY / "docs" / "runbooks.md").read_text()
    listed = set(re.findall(r"^\| `([a-z0-9]+\.[a-z_0-9]+)` \|", text, re.MULTILINE))
    assert listed
    assert listed <= set(kinds_of_schema("runbook.schema.json"))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(REPOSITORY)))
def test_every_relative_link_resolves(page: Path) -> None:
    targets = [t for t in re.findall(r"\]\(([^)#]+)", page.read_text()) if not t.startswith("http")]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_example_scenario_is_valid() -> None:
    text = (REPOSITORY / "docs" / "rehearsing.md").read_text()
    example = text.split("```yaml\n")[1].split("```")[0]
    found = load_text(example, Path("docs/rehearsing.md"), Scenario)
    assert isinstance(found, LoadedDocument), found


def test_readme_make_targets_exist() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    text = (REPOSITORY / "README.md").read_text().split("## What you write")[0]
    for target in nonempty(re.findall(r"make ([a-z]+)", text)):
        if target != "lists":
            assert f"\n{target}:" in makefile, target
