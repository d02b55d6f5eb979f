"""The sample application as a place to make mistakes in, and every machine that the tests look at."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from leeward.state_machines.build import build_runbook, build_runbooks
from leeward.state_machines.compile.runbook_compiler import CompiledRunbook
from leeward.state_machines.diagnostics.problems import DocumentProblem, Severity
from leeward.state_machines.validate.document_validation import validate_tree
from tests.support.paths import RUNBOOKS_FOLDER

DOCUMENTS = Path(__file__).parent / "documents"


@dataclass
class DocumentsCopy:
    """A copy of the sample application's documents."""

    root: Path

    def file(self, name: str) -> Path:
        return self.root / "website" / name

    def change(self, name: str, old: str, new: str) -> None:
        """Replaces `old`, which must be there once."""
        text = self.file(name).read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        self.file(name).write_text(text.replace(old, new), "utf-8")

    def application(self, old: str, new: str) -> None:
        self.change("application.yaml", old, new)

    def runbook(self, old: str, new: str) -> None:
        self.change("failover.yaml", old, new)

    def problems(self) -> list[DocumentProblem]:
        return list(validate_tree(self.root).problems)

    def errors(self) -> list[DocumentProblem]:
        return [problem for problem in self.problems() if problem.severity is Severity.ERROR]

    def only_problem(self) -> DocumentProblem:
        """The one problem there is."""
        problems = self.problems()
        assert len(problems) == 1, "\n".join(map(str, problems)) or "no problem at all"
        return problems[0]

    def place_of(self, name: str, text: str) -> tuple[int, int]:
        """Line and column, from 1, of `text`, which must be in the file once."""
        whole = self.file(name).read_text("utf-8")
        assert whole.count(text) == 1, f"{text!r} is there {whole.count(text)} times"
        before = whole[: whole.index(text)]
        return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


@pytest.fixture
def website(tmp_path: Path) -> DocumentsCopy:
    """With the failover only, so that a mistake in the application is told of one runbook."""
    return copy_of_website(tmp_path, "application.yaml", "failover.yaml")


def copy_of_website(tmp_path: Path, *names: str) -> DocumentsCopy:
    """The application and those of its runbooks; all of them where none is named."""
    folder = tmp_path / "runbooks" / "website"
    folder.mkdir(parents=True)
    for file in sorted((RUNBOOKS_FOLDER / "website").glob("*.yaml")):
        if not names or file.name in names:
            shutil.copy(file, folder)
    return DocumentsCopy(tmp_path / "runbooks")


@cache
def every_machine() -> list[CompiledRunbook]:
    """Return the samples' machines and those of the tests' own documents. Don't change them: tests share them."""
    return [ready.compiled for root in (RUNBOOKS_FOLDER, DOCUMENTS) for ready in build_runbooks(root)]


def compiled_shop(runbook: str) -> CompiledRunbook:
    return build_runbook(DOCUMENTS, "shop", runbook).compiled


def compiled_website(runbook: str) -> CompiledRunbook:
    return build_runbook(RUNBOOKS_FOLDER, "website", runbook).compiled


def compiled_failover() -> CompiledRunbook:
    return compiled_website("failover")
