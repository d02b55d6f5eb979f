"""One of the sample's runbooks, as a place to make mistakes in."""

from __future__ import annotations

from pathlib import Path

from leeward.state_machines.diagnostics.problems import DocumentProblem
from tests.state_machines.conftest import DocumentsCopy, copy_of_website

ALL = "groups: [database, home-page, catalogue-page]"


class RunbookEditor:
    """A copy of the application and of this one runbook."""

    def __init__(self, folder: Path, name: str) -> None:
        self.website: DocumentsCopy = copy_of_website(folder, "application.yaml", f"{name}.yaml")
        self.file = f"{name}.yaml"

    def step(self, name: str) -> str:
        """The text of the step called `name`."""
        text = self.website.file(self.file).read_text("utf-8")
        start = text.index(f"  - name: {name}\n")
        return text[start:].split("\n\n", 1)[0].rstrip("\n") + "\n"

    def change(self, name: str, old: str, new: str) -> None:
        """Replaces `old` in the step `name`."""
        step = self.step(name)
        assert step.count(old) == 1, f"{old!r} is there {step.count(old)} times"
        self.website.change(self.file, step, step.replace(old, new))

    def remove_step(self, name: str) -> None:
        self.website.change(self.file, self.step(name), "")

    def insert_before(self, name: str, step: str) -> None:
        """Puts `step` before the step `name`."""
        self.website.change(self.file, f"  - name: {name}\n", f"  - {step}\n  - name: {name}\n")

    def line(self, name: str, text: str) -> int:
        """The line, from 1, of `text` in the step `name`."""
        whole, step = self.website.file(self.file).read_text("utf-8"), self.step(name)
        return whole[: whole.index(step) + step.index(text)].count("\n") + 1

    def problems(self) -> list[DocumentProblem]:
        return self.website.problems()
