"""Rejects identifiers that readers can't understand, and public class names that are defined more than once.

    python -m tools.checks.names

Banned words are compared with the parts of an identifier: `way_back` and `DarkRegion` each have a banned part.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator

from tools.checks.python_sources import Source, python_sources

# For each, use a common word instead: see docs/glossary.md and CONTRIBUTING.md.
BANNED_WORDS = frozenset(
    [
        "anew",
        "aftermath",
        "baton",
        "befall",
        "befalls",
        "bench",
        "besides",
        "desk",
        "dossier",
        "heard",
        "lineage",
        "mend",
        "mended",
        "mends",
        "mishap",
        "nobody",
        "picture",
        "quest",
        "seam",
        "stood",
        "surroundings",
        "thereby",
        "told",
        "untold",
        "whereabouts",
        "whom",
        "wish",
        "workbench",
    ]
)
BANNED_PHRASES = ("way_back", "way_there", "way_home", "as_it_was", "come_to", "take_back", "takes_back")

# These names are in documents, journals, events, or compiled state machines of version 0.1, so they can't change.
ALLOWED_IDENTIFIERS = {
    ("src/leeward/evidence/model.py", "stood"): "a field of the evidence, which bundles of version 0.1 have",
    ("src/leeward/common/errors.py", "EndUntold"): "an error name in compiled state machines and in journals",
    ("lambdas/board.py", "told"): "a field of board events and of the answer that `--json` prints",
}
# Public classes with equal names, each with the reason. At most 40, and the list may only get shorter.
ALLOWED_DUPLICATE_CLASSES = {
    "Job": "DRS's record, as the product reads it and as the twin keeps it",
    "LastLaunch": "DRS's record, as the product reads it and as the twin keeps it",
    "LaunchConfiguration": "DRS's record, as the product reads it and as the twin keeps it",
    "LogItem": "DRS's record, as the product reads it and as the twin keeps it",
    "Participant": "DRS's record, as the product reads it and as the twin keeps it",
    "RecoveryInstance": "DRS's record, as the product reads it and as the twin keeps it",
    "SourceServer": "DRS's record, as the product reads it and as the twin keeps it",
    "CallAuthorizer": "the interface that the interceptor calls, and the IAM evaluation that implements it",
}


def main() -> int:
    """Print every offense with its place. Return 1 when there is one."""
    sources = list(python_sources())
    problems = [*banned_identifiers(sources), *duplicate_classes(sources)]
    for problem in problems:
        print(problem)  # noqa: T201
    print(f"names: {len(sources)} files, {len(problems)} problems")  # noqa: T201
    return 1 if problems else 0


def banned_identifiers(sources: list[Source]) -> Iterator[str]:
    """Yield a line for each definition whose name has a banned word, tests' functions included."""
    for source in sources:
        for name, line in definitions(source.tree):
            if (source.path.as_posix(), name) in ALLOWED_IDENTIFIERS:
                continue
            parts = split_identifier(name)
            joined = f"_{'_'.join(parts)}_"
            found = BANNED_WORDS.intersection(parts) or {phrase for phrase in BANNED_PHRASES if f"_{phrase}_" in joined}
            if found:
                yield f"{source.path}:{line}: `{name}` has the banned word {', '.join(sorted(found))}"
        for part in source.path.with_suffix("").parts:
            if BANNED_WORDS.intersection(split_identifier(part)):
                yield f"{source.path}: the name of the file or folder `{part}` has a banned word"


def duplicate_classes(sources: list[Source]) -> Iterator[str]:
    """Yield a line for each public class name that is defined twice without a reason, and for each reason that is not
    needed.
    """
    places = defaultdict(list)
    for source in sources:
        if source.is_product:
            for node in source.tree.body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places[node.name].append(f"{source.path}:{node.lineno}")
    repeated = {name: found for name, found in places.items() if len(found) > 1}
    for name in sorted(repeated.keys() - ALLOWED_DUPLICATE_CLASSES.keys()):
        yield f"class {name} is defined {len(repeated[name])} times: {', '.join(repeated[name])}"
    for name in sorted(ALLOWED_DUPLICATE_CLASSES.keys() - repeated.keys()):
        yield f"class {name} is on the allow-list, but is defined once: take it off the list"


def definitions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield every name that a module defines: functions, classes, parameters, and assigned variables."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node.lineno
            case ast.arg():
                yield node.arg, node.lineno
            case ast.Name(ctx=ast.Store()):
                yield node.id, node.lineno
            case ast.Attribute(ctx=ast.Store()):
                yield node.attr, node.lineno
            case ast.alias(asname=str() as name):
                yield name, node.lineno


def split_identifier(name: str) -> list[str]:
    """Return the lower-case words of a snake_case, camelCase, or CapWords name."""
    return [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


if __name__ == "__main__":
    sys.exit(main())
