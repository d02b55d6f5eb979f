"""Reads `tests/repository/promises`: a YAML file per page, with each promise, its checks, and what is no promise.

promises:
- text: A question is answered once.       # a sentence of the page, as `page_sentences` yields it
  checks: [tests/control/test_x.py::test_y]
  about: leeward approve                   # optional: what "it" is, for the generated page
not_promises:
  definition:                              # one of NOT_PROMISES, which say why
  - "home: the Region that keeps the lock."
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from tools.checks.python_sources import ROOT
from tools.promises.check_references import CheckFinder
from tools.promises.page_sentences import page_sentences, promise_sentences

FOLDER = ROOT / "tests" / "repository" / "promises"
# Why a sentence that reads like a promise is none.
NOT_PROMISES: Mapping[str, str] = {
    "definition": "says what a term or a key means",
    "description": "names or introduces something, and claims nothing that could fail",
    "fact of AWS": "says how AWS or another product works",
    "instruction": "tells the reader what to do or to write",
    "limit": "says what Leeward does not do, or what is excused",
    "past": "says what once was wrong",
    "process": "says how the maintainers work",
}


@dataclass(frozen=True)
class Promise:
    """A sentence of a page, and references to the checks that fail if it isn't true."""

    text: str
    checks: tuple[str, ...]
    about: str = ""


@dataclass(frozen=True)
class PageRegistry:
    """What is registered for one page. `not_promises` has the sentences by the reason why they are no promises."""

    promises: tuple[Promise, ...] = ()
    not_promises: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        """Every registered sentence."""
        return [promise.text for promise in self.promises] + [t for each in self.not_promises.values() for t in each]


def registered_pages(root: Path = ROOT) -> list[Path]:
    """Return the hand-written pages whose promises are registered, relative to the root."""
    found = [root / "README.md", root / "SECURITY.md", *sorted((root / "docs").glob("*.md"))]
    return [page.relative_to(root) for page in found]


@cache
def read_registry(page: Path, folder: Path = FOLDER) -> PageRegistry:
    """Return what is registered for a page, given relative to the root. A page without a file has an empty registry.

    Raises KeyError for a member that is missing, and ValueError for one that is unknown.
    """
    path = folder / f"{page.stem.lower()}.yaml"
    if not path.exists():
        return PageRegistry()
    content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    if unknown := content.keys() - {"promises", "not_promises"}:
        raise ValueError(f"{path.name}: unknown members {sorted(unknown)}")
    promises = tuple(
        Promise(each["text"], tuple(each["checks"]), each.get("about", "")) for each in content.get("promises") or ()
    )
    return PageRegistry(promises, {why: tuple(texts) for why, texts in (content.get("not_promises") or {}).items()})


def registry_problems(page: Path, text: str, registry: PageRegistry, checks: CheckFinder) -> Iterator[str]:
    """Yield a line for each sentence without an entry, entry without a sentence, and check that doesn't exist."""
    registered, sentences = registry.texts, set(page_sentences(text))
    for sentence in promise_sentences(text):
        if sentence not in registered:
            yield f'{page}: "{sentence}" reads like a promise. Register it with a check, or say why it is none'
    for sentence in registered:
        if sentence not in sentences:
            yield f'{page}: "{sentence}" is registered, but is not on the page'
        if registered.count(sentence) > 1:
            yield f'{page}: "{sentence}" is registered more than once'
    for reason in sorted(registry.not_promises.keys() - NOT_PROMISES.keys()):
        yield f'{page}: "{reason}" is no known reason: {", ".join(NOT_PROMISES)}'
    for promise in registry.promises:
        if not promise.checks:
            yield f'{page}: "{promise.text}" has no check'
        for check in promise.checks:
            if problem := checks.find_problem(check):
                yield f'{page}: "{promise.text}": {problem}'
