"""Rejects code that names a built-in step kind outside the kind's own files.

    python -m tools.checks.kind_names

A kind's own files are its descriptor, and the modules that the descriptor names. Other code asks for an effect, so that
it is also right about a plug-in's kinds, and so that a kind can be deleted with its files. Names with a dot are looked
for in all text. The others are English words, and are looked for as whole strings.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from leeward.base.import_paths import module_of
from leeward.kinds.descriptors.step_kind import StepKind
from leeward.kinds.registry import step_kinds
from tools.checks.python_sources import python_sources

_DESCRIPTORS = "leeward.kinds.builtin.steps"
# Where a kind's name is another word, by file and name.
OTHER_MEANINGS: Mapping[tuple[str, str], str] = {
    ("infra/packaging/layer_asset.py", "lock"): "the lock file of the layer",
    ("src/leeward/cli/screens/rehearsal_failure/failure_rows.py", "lock"): "a row's label",
    ("src/leeward/control/locking/application_lock.py", "lock"): "the key of a journal entry",
    ("state_machines/checks/failure_records.py", "lock"): "the name of a check",
    ("state_machines/checks/machine_report.py", "lock"): "the name of a check",
    ("state_machines/fragments/patterns/poll_loop.py", "wait"): "a state's name",
}


def main() -> int:
    """Print every mention with its place. Return 1 when there is one."""
    sources = [source for source in python_sources() if source.path.parts[0] not in ("tests", "tools")]
    owners = own_files(step_kinds().values())
    problems = [
        f"{source.path}:{line}: names the kind {name}: ask for an effect instead"
        for source in sources
        for name, line in mentions(source.text, step_kinds())
        if _module_of_file(source.path) not in owners[name] and (str(source.path), name) not in OTHER_MEANINGS
    ]
    for problem in problems:
        print(problem)  # noqa: T201
    print(f"kind names: {len(sources)} files, {len(owners)} kinds, {len(problems)} problems")  # noqa: T201
    return 1 if problems else 0


def own_files(kinds: Iterable[StepKind]) -> dict[str, set[str]]:
    """Return the modules that belong to each kind, by dotted name. A task that several kinds share belongs to each."""
    owners: dict[str, set[str]] = {}
    for kind in kinds:
        paths = [kind.document, kind.compiler]
        for task in kind.all_tasks:
            paths += filter(None, (task.handler, task.permissions, task.probed_permissions))
        owners[kind.name] = {module_of(path) for path in paths} | {f"{_DESCRIPTORS}.{kind.name.replace('.', '_')}"}
    return owners


def mentions(text: str, names: Mapping[str, object]) -> Iterator[tuple[str, int]]:
    """Yield each kind that the source text names, with the line."""
    dotted = "|".join(re.escape(name) for name in names if "." in name)
    for match in re.finditer(rf"(?<![\w.])(?:{dotted})(?![\w])", text):
        yield match[0], text.count("\n", 0, match.start()) + 1
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and node.value in names and "." not in str(node.value):
            yield str(node.value), node.lineno


def _module_of_file(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[1:] if parts[0] == "src" else ("leeward", *parts))


if __name__ == "__main__":
    sys.exit(main())
