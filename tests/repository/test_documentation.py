"""The documents say what is there: every kind and key, every link, and nothing that is not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from leeward.rehearsal.scenarios.scenario_documents import Scenario
from leeward.state_machines.load.document_loader import LoadedDocument, load_text
from tests.support.paths import REPOSITORY

PAGES = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
COMMON = {"name", "kind", "on_failure", "timeout", "description"}


def kinds_of_schema(schema: str) -> dict[str, dict[str, Any]]:
    definitions = json.loads((REPOSITORY / "state_machines" / "schema" / schema).read_text())["$defs"].values()
    models = [d for d in definitions if "const" in d.get("properties", {}).get("kind", {})]
    return {m["properties"]["kind"]["const"]: m["properties"] for m in models}


def reference_row(text: str, kind: str) -> str:
    found = [line for line in text.splitlines() if line.startswith(f"| `{kind}` |")]
    assert len(found) == 1, f"docs/runbooks.md has {len(found)} rows for {kind}"
    return found[0]


@pytest.mark.parametrize("schema", ["runbook.schema.json", "application.schema.json"])
def test_reference_covers_every_step_kind_and_key(schema: str) -> None:
    text = (REPOSITORY / "docs" / "runbooks.md").read_text()
    for kind, properties in kinds_of_schema(schema).items():
        here = reference_row(text, kind)
        for key in set(properties) - COMMON:
            assert f"`{key}`" in here, f"{kind}: {key} is not told"


def test_reference_lists_only_existing_kinds() -> None:
    text = (REPOSITORY / "docs" / "runbooks.md").read_text()
    told = set(re.findall(r"^\| `([a-z0-9]+\.[a-z_0-9]+)` \|", text, re.MULTILINE))
    assert told <= set(kinds_of_schema("runbook.schema.json")) | set(kinds_of_schema("application.schema.json"))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(REPOSITORY)))
def test_every_relative_link_resolves(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_example_scenario_is_valid() -> None:
    text = (REPOSITORY / "docs" / "rehearsing.md").read_text()
    example = text.split("```yaml\n")[1].split("```")[0]
    found = load_text(example, Path("docs/rehearsing.md"), Scenario)
    assert isinstance(found, LoadedDocument), found


def test_readme_make_targets_exist() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    for target in re.findall(r"make ([a-z]+)", (REPOSITORY / "README.md").read_text().split("## What you write")[0]):
        if target != "lists":
            assert f"\n{target}:" in makefile, target
