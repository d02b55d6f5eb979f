"""The generated page of promises: each promise with the checks that fail if it is broken."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator
from pathlib import Path

from tools.checks.python_sources import ROOT
from tools.promises.registry import NOT_PROMISES, read_registry, registered_pages

_WIDTH = 120


def promise_lines(page: Path) -> list[str]:
    """Return the lines of the list of promises, by the page that makes them. Links are relative to `page`."""
    lines: list[str] = []
    for source in registered_pages():
        registry = read_registry(source)
        if registry.promises:
            title = (ROOT / source).read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
            lines += [f"## {title}", "", f"From [{source}]({os.path.relpath(ROOT / source, page.parent)}):", ""]
        for promise in registry.promises:
            about = f" ({promise.about})" if promise.about else ""
            lines += _wrapped(f"- {promise.text}{about}", "  ")
            for check in promise.checks:
                path, _, name = check.partition("::")
                lines += _wrapped(f"  - `{name}` in `{path}`" if name else f"  - `{path}`", "    ")
        lines += [""] if registry.promises else []
    return [*lines, *_counts()]


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, drop_whitespace=True, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _counts() -> Iterator[str]:
    registries = [read_registry(page) for page in registered_pages()]
    yield "## Sentences that are no promises"
    yield ""
    yield "The registry lists them with one of these reasons:"
    yield ""
    for reason, meaning in NOT_PROMISES.items():
        count = sum(len(registry.not_promises.get(reason, ())) for registry in registries)
        yield f"- {reason}: the sentence {meaning} ({count})"
