"""Rejects modules that are too long, folders that are too full, and folders that import each other.

python -m tools.checks.structure
"""

from __future__ import annotations

import ast
import statistics
import sys
from collections import Counter
from collections.abc import Iterator

from tools.checks.python_sources import Source, python_sources

MAX_MODULE_LINES = 300
MAX_MEDIAN_LINES = 120
MAX_LOOSE_MODULES = 5
# Folders of peers: modules that implement one interface, or that each wrap one service or kind of resource.
PEER_FOLDERS = {
    "infra/constructs": "one kind of AWS resource each",
    "infra/permissions/tasks": "one task's permissions each",
    "infra/stacks": "one CloudFormation stack each",
    "lambdas": "one deployed function each",
    "src/leeward/cli/commands": "one command each",
    "src/leeward/cli/screens": "one screen each",
    "src/leeward/evidence/from_journal": "one part of the evidence each",
    "src/leeward/kinds/builtin/components": "one kind of component each",
    "src/leeward/kinds/builtin/steps": "one kind of step each",
    "src/leeward/readiness/checks": "one readiness check each",
    "src/leeward/rehearsal/invariants": "one invariant each",
    "src/leeward/twin/aws/drs/operations": "one group of DRS operations each",
    "state_machines/components": "one kind of component each",
    "state_machines/deployment/permission_probes/tasks": "one task's permissions each",
    "state_machines/steps": "one kind of step each",
    "state_machines/validate/applications/components": "one kind of component each",
    "workloads/ticketing/infra/constructs": "one kind of AWS resource each",
}


def main() -> int:
    """Print every offense. Return 1 when there is one."""
    sources = [source for source in python_sources() if source.is_product]
    problems = [*long_modules(sources), *full_folders(sources), *mutual_imports(sources)]
    for problem in problems:
        print(problem)  # noqa: T201
    print(f"structure: {len(sources)} modules, {len(problems)} problems")  # noqa: T201
    return 1 if problems else 0


def long_modules(sources: list[Source]) -> Iterator[str]:
    """Yield a line for each module over the limit, and one for the median."""
    lines = {source.path: source.text.count("\n") for source in sources if source.path.name != "__init__.py"}
    for path, count in lines.items():
        if count > MAX_MODULE_LINES:
            yield f"{path}: {count} lines, at most {MAX_MODULE_LINES}"
    median = statistics.median(lines.values())
    if median > MAX_MEDIAN_LINES:
        yield f"the median module has {median:g} lines, at most {MAX_MEDIAN_LINES}"


def full_folders(sources: list[Source]) -> Iterator[str]:
    """Yield a line for each folder with too many modules that is not a folder of peers."""
    loose = Counter(
        source.path.parent.as_posix() for source in sources if source.path.name not in ("__init__.py", "__main__.py")
    )
    for folder, count in sorted(loose.items()):
        if count > MAX_LOOSE_MODULES and folder not in PEER_FOLDERS:
            yield f"{folder}/: {count} loose modules, at most {MAX_LOOSE_MODULES}; group them into folders"
    for folder in PEER_FOLDERS:
        if loose[folder] <= MAX_LOOSE_MODULES:
            yield f"{folder}/ is on the list of peer folders, but needs no exception"


def mutual_imports(sources: list[Source]) -> Iterator[str]:
    """Yield a line for each pair of folders that import each other, with a module of each."""
    modules = {_dotted(source): source for source in sources}
    edges: dict[tuple[str, str], str] = {}
    for name, source in modules.items():
        for target in _imported(source, modules):
            here, there = _folder(name, modules), _folder(target, modules)
            if here != there:
                edges.setdefault((here, there), f"{name} imports {target}")
    for (here, there), example in sorted(edges.items()):
        if here < there and (there, here) in edges:
            yield f"{here} and {there} import each other: {example}, and {edges[there, here]}"


def _dotted(source: Source) -> str:
    parts = source.path.with_suffix("").parts
    parts = parts[1:] if parts[0] == "src" else parts
    parts = parts if parts[0] in ("leeward", "workloads") else ("leeward", *parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _folder(name: str, modules: dict[str, Source]) -> str:
    return name if modules[name].path.name == "__init__.py" else name.rpartition(".")[0]


def _imported(source: Source, modules: dict[str, Source]) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                target = f"{node.module}.{alias.name}"
                if target in modules:
                    yield target
                elif node.module in modules:
                    yield node.module


if __name__ == "__main__":
    sys.exit(main())
