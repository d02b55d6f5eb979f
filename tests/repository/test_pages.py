"""The pages agree with the repository: generated blocks, link references, the map, named paths, and the glossary."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.paths import REPOSITORY
from tools.generate_docs import BLOCKS, main, outdated_pages

PAGES = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
PACKAGE = REPOSITORY / "src" / "leeward"
# Folders that a page may name as a path from the root, or from the package.
_PATH = re.compile(r"`((?:[\w.-]+/)+[\w.*-]*)`")
# Written by a command or by the user of a project.
USER_PATHS = (".venv/", "build/", "runbooks/evidence-keys.txt")
MAX_TERMS = 60


def packages() -> list[str]:
    linked = [PACKAGE / name for name in ("drs", "infra", "lambdas", "state_machines")]
    found = [*PACKAGE.rglob("__init__.py"), *(init for each in linked for init in each.rglob("__init__.py"))]
    return sorted({init.parent.relative_to(PACKAGE).as_posix() for init in found} - {"."})


def test_generated_blocks_match_the_code() -> None:
    assert [page.name for page, _ in outdated_pages(REPOSITORY)] == []


@pytest.mark.parametrize("name", BLOCKS)
def test_every_generator_has_a_block_in_a_page(name: str) -> None:
    assert any(f"<!-- generated: {name} -->" in page.read_text(encoding="utf-8") for page in PAGES)


def test_check_fails_and_writes_nothing_when_a_block_is_out_of_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    text = "<!-- generated: invariants -->\nold\n<!-- end generated -->\n"
    page.write_text(text)
    monkeypatch.setattr("tools.generate_docs.ROOT", tmp_path)
    assert main(["--check"]) == 1
    assert page.read_text() == text
    assert "page.md is out of date" in capsys.readouterr().out
    assert main([]) == 0
    assert "| single-writer | " in page.read_text()
    assert main(["--check"]) == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(REPOSITORY)))
def test_every_link_reference_is_defined_and_leads_to_a_file(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    references = dict(re.findall(r"^\[([^\]]+)\]: (\S+)$", text, re.MULTILINE))
    targets = [target.split("#")[0] for target in references.values() if not target.startswith("http")]
    assert [target for target in targets if not (page.parent / target).exists()] == []
    assert set(re.findall(r"\]\[([^\]]+)\]", text)) - references.keys() == set()


def test_every_package_is_on_the_map() -> None:
    text = (REPOSITORY / "ARCHITECTURE.md").read_text(encoding="utf-8")
    words = set(re.findall(r"[\w.-]+", " ".join(re.findall(r"`([^`]+)`", text))))
    assert packages()
    assert [name for name in packages() if not set(name.split("/")) <= words] == []


def exists(path: str) -> bool:
    """Whether a path that a page names exists below the root or the package: a file, a folder, or a module."""
    return any(any(base.glob(path.rstrip("/") + end)) for base in (REPOSITORY, PACKAGE) for end in ("", ".py"))


@pytest.mark.parametrize(
    "name", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/safety.md", "docs/evidence.md"]
)
def test_every_path_that_a_page_names_exists(name: str) -> None:
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    text = text.split("## Inside each package")[0]  # the tables below name folders relative to their heading
    named = [path for path in _PATH.findall(text) if not path.startswith(USER_PATHS)]
    assert [path for path in named if not exists(path)] == []


def test_glossary_is_short_and_in_alphabetical_order() -> None:
    text = (REPOSITORY / "docs" / "glossary.md").read_text(encoding="utf-8")
    terms = re.findall(r"^- \*\*([^*]+)\*\*: ", text, re.MULTILINE)
    assert 0 < len(terms) <= MAX_TERMS
    assert terms == sorted(terms)
