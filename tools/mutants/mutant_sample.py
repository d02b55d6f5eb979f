"""Lists the changes that can be made to a package's code, and draws a sample of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

# Nearly every change of these operators gives an equivalent program: annotations are not evaluated, a decorator that is
# removed is most often a frozen dataclass, and members of enums are identical if they are equal.
_SKIPPED_OPERATORS = (
    "core/ReplaceBinaryOperator_BitOr",
    "core/RemoveDecorator",
    "core/ReplaceComparisonOperator_Is_Eq",
    "core/ReplaceComparisonOperator_IsNot_NotEq",
)
# A changed condition imports names that only annotations use, which are not evaluated.
_TYPE_CHECKING = "if TYPE_CHECKING:"


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """A change of one place. `path` is relative to the tree. `lines` are the changed lines, from 1 on."""

    path: str
    operator: str
    occurrence: int
    lines: tuple[int, ...]


def list_mutants(tree: Path, folder: Path) -> list[Mutant]:
    """Return all changes of the modules in `folder`, in a stable order."""
    return sorted(
        Mutant(str(path.relative_to(tree)), *change) for path in folder.rglob("*.py") for change in _changes(path)
    )


def draw_mutants(mutants: list[Mutant], size: int, seed: int) -> list[Mutant]:
    """Return `size` of the mutants, the same for equal seeds, in their order."""
    return sorted(random.Random(seed).sample(mutants, min(size, len(mutants))))  # noqa: S311 - a sample, no secret


def mutated_code(code: str, mutant: Mutant) -> str:
    """Return the changed code. Raises LookupError if the code has no such place."""
    changed = mutate_code(code, get_operator(mutant.operator)(), mutant.occurrence)
    if changed is None:
        raise LookupError(f"{mutant.path} has no place for {mutant.operator} {mutant.occurrence}")
    return str(changed)


def _changes(path: Path) -> Iterator[tuple[str, int, tuple[int, ...]]]:
    nodes = list(ast_nodes(get_ast_from_path(path)))
    code = path.read_text(encoding="utf-8").splitlines()
    for name in sorted(operator_names()):
        operator_class = get_operator(name)
        if name.startswith(_SKIPPED_OPERATORS) or operator_class.arguments():
            continue
        operator = operator_class()
        positions = [position for node in nodes for position in operator.mutation_positions(node)]
        for occurrence, position in enumerate(positions):
            (first, _), (last, _) = position[0], position[1]
            if code[first - 1] != _TYPE_CHECKING:
                yield name, occurrence, tuple(range(first, last + 1))
