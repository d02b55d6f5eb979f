"""Rejects tests that assert something of each item of computed data, and would pass when there are no items.

    python -m tools.checks.empty_loops

Wrap the data in `nonempty(...)` of tests/support/nonempty.py, which fails when there is none. Literals, constants,
enumerations, ranges of literals, and data that an earlier assertion of the test mentions need no wrapper. Only the
outermost loop is examined: an item may well have nothing in it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from tools.checks.python_sources import Source, python_sources

# Calls that return as many items as an argument of theirs has; `zip` is assumed to be strict.
_SAME_LENGTH = frozenset({"enumerate", "list", "map", "reversed", "set", "sorted", "tuple", "zip"})
_METHODS = frozenset({"items", "keys", "values"})


def main() -> int:
    """Print every offense with its place. Return 1 when there is one."""
    sources = [source for source in python_sources() if source.path.parts[0] == "tests"]
    problems = [
        f"{source.path}:{node.lineno}: the test passes on nothing: write nonempty({ast.unparse(node)})"
        for source in sources
        for node in unguarded_data(source)
    ]
    for problem in problems:
        print(problem)  # noqa: T201
    print(f"empty loops: {len(sources)} files, {len(problems)} problems")  # noqa: T201
    return 1 if problems else 0


def unguarded_data(source: Source) -> Iterator[ast.expr]:
    """Yield the expressions over which a module's test functions assert without a guard."""
    for test in ast.walk(source.tree):
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test_"):
            if any(ast.unparse(decorator).startswith("given(") for decorator in test.decorator_list):
                continue  # Hypothesis tries empty data on purpose, among others
            checked: set[str] = set()
            for statement in test.body:
                yield from (d for d in _asserted_data(statement) if not _is_guarded(d, checked))
                for node in ast.walk(statement):
                    if isinstance(node, ast.Assert):
                        checked |= {ast.unparse(inner) for inner in ast.walk(node.test) if isinstance(inner, ast.expr)}


def _asserted_data(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the data of the outermost loops in `node` that assert something of each item."""
    match node:
        case ast.For() if any(isinstance(inner, ast.Assert) for inner in ast.walk(node)):
            yield node.iter
        case ast.Assert(test=ast.Call(func=ast.Name(id="all"), args=[ast.GeneratorExp() as items])):
            yield items.generators[0].iter
        case ast.Assert(test=ast.UnaryOp(op=ast.Not(), operand=ast.ListComp() as items)):
            yield items.generators[0].iter
        case ast.Assert(
            test=ast.UnaryOp(
                op=ast.Not(), operand=ast.Call(func=ast.Name(id="any"), args=[ast.GeneratorExp() as items])
            )
        ):
            yield items.generators[0].iter
        case _:
            for inner in ast.iter_child_nodes(node):
                yield from _asserted_data(inner)


def _is_guarded(data: ast.expr, checked: set[str]) -> bool:
    """Whether `data` has items for certain, or an earlier assertion mentions it."""
    guarded = ast.unparse(data) in checked
    match data:
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items) | ast.Dict(values=items):
            guarded |= bool(items)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            guarded |= name[0].isupper()
        case ast.Call(func=ast.Name(id="nonempty")):
            guarded = True
        case ast.Call(func=ast.Name(id="range"), args=arguments):
            guarded |= all(isinstance(argument, ast.Constant) for argument in arguments)
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _SAME_LENGTH:
            guarded |= any(_is_guarded(argument, checked) for argument in arguments)
        case ast.Call(func=ast.Attribute(value=value, attr=method)) if method in _METHODS:
            guarded |= _is_guarded(value, checked)
        case ast.BinOp(left=left, op=ast.BitOr() | ast.Add()):
            guarded |= _is_guarded(left, checked)
    return guarded


if __name__ == "__main__":
    sys.exit(main())
