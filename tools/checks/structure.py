"""Rejects modules that are too long and folders that are too full.

python -m tools.checks.structure
"""

from __future__ import annotations

import statistics
import sys
from collections import Counter
from collections.abc import Iterator

from tools.checks.python_sources import Source, python_sources

MAX_MODULE_LINES = 300
MAX_MEDIAN_LINES = 120
MAX_LOOSE_MODULES = 5
# Folders of peers: modules that implement one interface, or each wrap one service or one kind of thing.
PEER_FOLDERS = {
    "infra/constructs": "one kind of AWS resource each",
    "infra/stacks": "one CloudFormation stack each",
    "lambdas": "one deployed function each",
    "src/leeward/cli/commands": "one command each",
    "src/leeward/cli/screens": "one screen each",
    "src/leeward/evidence/from_journal": "one part of the evidence each",
    "src/leeward/readiness/checks": "one readiness check each",
    "src/leeward/rehearsal/invariants": "one invariant each",
    "src/leeward/twin/aws/drs/operations": "one group of DRS operations each",
    "src/leeward/twin/aws/moto_fixes": "one fix of moto each",
    "state_machines/components": "one kind of component each",
    "state_machines/steps": "one kind of step each",
    "workloads/ticketing/infra/constructs": "one kind of AWS resource each",
}


def main() -> int:
    """Print every offense. Return 1 when there is one."""
    sources = [source for source in python_sources() if source.is_product]
    problems = [*long_modules(sources), *full_folders(sources)]
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


if __name__ == "__main__":
    sys.exit(main())
