"""The documents say what is there: every kind and key, every link, and nothing that is not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from leeward.rehearsal.scenarios.scenario_documents import Scenario
from leeward.state_machines.load.document_loader import LoadedDocument, load_text

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
COMMON = {"name", "kind", "on_failure", "timeout", "description"}


def kinds(schema: str) -> dict[str, dict[str, Any]]:
    definitions = json.loads((ROOT / "state_machines" / "schema" / schema).read_text())["$defs"].values()
    models = [d for d in definitions if "const" in d.get("properties", {}).get("kind", {})]
    return {m["properties"]["kind"]["const"]: m["properties"] for m in models}


def row(text: str, kind: str) -> str:
    found = [line for line in text.splitlines() if line.startswith(f"| `{kind}` |")]
    assert len(found) == 1, f"docs/runbooks.md has {len(found)} rows for {kind}"
    return found[0]


@pytest.mark.parametrize("schema", ["runbook.schema.json", "application.schema.json"])
def test_every_kind_and_key_has_its_place_in_the_reference(schema: str) -> None:
    text = (ROOT / "docs" / "runbooks.md").read_text()
    for kind, properties in kinds(schema).items():
        here = row(text, kind)
        for key in set(properties) - COMMON:
            assert f"`{key}`" in here, f"{kind}: {key} is not told"


def test_the_reference_tells_of_no_kind_that_does_not_exist() -> None:
    text = (ROOT / "docs" / "runbooks.md").read_text()
    told = set(re.findall(r"^\| `([a-z0-9]+\.[a-z_0-9]+)` \|", text, re.MULTILINE))
    assert told <= set(kinds("runbook.schema.json")) | set(kinds("application.schema.json"))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_example_scenario_is_a_scenario() -> None:
    text = (ROOT / "docs" / "rehearsing.md").read_text()
    example = text.split("```yaml\n")[1].split("```")[0]
    found = load_text(example, Path("docs/rehearsing.md"), Scenario)
    assert isinstance(found, LoadedDocument), found


def test_every_make_target_of_the_readme_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text().split("## What you write")[0]):
        if target != "lists":
            assert f"\n{target}:" in makefile, target
