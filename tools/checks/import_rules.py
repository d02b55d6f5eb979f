"""Reads the rules in the section "Import directions" of ARCHITECTURE.md: its lines of packages, and its table.

A cell names modules in backticks. `any package` stands for every package of `leeward`, and `but` takes some out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

HEADING = "## Import directions"
COLUMNS = ["Package", "May not import", "Also through others", "Reason"]
_NAMES = r"`[\w.]+`(?:, `[\w.]+`)*"
_CELL = re.compile(
    rf"(?P<any>any package)(?: but (?P<but>{_NAMES}))?"
    rf"|(?P<names>{_NAMES})(?P<bare> without `leeward\.`)?(?P<samples> without `infra`)?"
)


@dataclass(frozen=True)
class ImportRule:
    """One row of the table: modules that may not import others. `indirect` also forbids it through other modules."""

    title: str
    importers: tuple[str, ...]
    imported: tuple[str, ...]
    indirect: bool


@dataclass(frozen=True)
class ImportRules:
    """The lines of packages, from top to bottom, and the rows of the table."""

    layers: tuple[tuple[str, ...], ...]
    forbidden: tuple[ImportRule, ...]


def read_import_rules(text: str, packages: Sequence[str], samples: Sequence[str]) -> ImportRules:
    """Return the rules in the text of ARCHITECTURE.md.

    `packages` are those that exist below `leeward`, and `samples` the modules that "`workloads` without `infra`" means.
    Raises ValueError for a package without a rule, and for a line or cell that is none of the known forms.
    """
    _, found, section = text.partition(f"\n{HEADING}\n")
    if not found:
        raise ValueError(f'ARCHITECTURE.md has no section "{HEADING}"')
    lines = section.split("\n## ")[0].splitlines()
    layers = tuple(tuple(line.split()) for line in lines if line.startswith("    "))
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    if rows[:1] != [COLUMNS]:
        raise ValueError(f"The table of {HEADING} has the columns {rows[:1]}, not {COLUMNS}")
    rules = tuple(_rule(row, packages, samples) for row in rows[2:])
    _check_packages(layers, rules, packages)
    return ImportRules(layers, rules)


def _rule(row: Sequence[str], packages: Sequence[str], samples: Sequence[str]) -> ImportRule:
    if len(row) != len(COLUMNS) or row[2] not in ("yes", "no") or not row[3]:
        raise ValueError(f'A row of {HEADING} needs two cells of modules, "yes" or "no", and a reason: {row}')
    importers, imported = (_modules(cell, packages, samples) for cell in row[:2])
    title = f"{row[0]} may not import {row[1]}".replace("`", "")
    # A package may import itself, and "any package" can be both the importer and what is imported.
    if len(importers) > len(imported):
        importers = tuple(each for each in importers if each not in imported)
    else:
        imported = tuple(each for each in imported if each not in importers)
    return ImportRule(title, importers, imported, indirect=row[2] == "yes")


def _modules(cell: str, packages: Sequence[str], samples: Sequence[str]) -> tuple[str, ...]:
    match = _CELL.fullmatch(cell)
    if match is None:
        raise ValueError(f'"{cell}" in {HEADING} is neither "any package", "any package but `a`, `b`", nor names')
    if match["any"]:
        exceptions = re.findall(r"[\w.]+", match["but"] or "")
        if unknown := set(exceptions) - set(packages):
            raise ValueError(f'"{cell}" in {HEADING} names {sorted(unknown)}, which is not in src/leeward')
        return tuple(f"leeward.{package}" for package in packages if package not in exceptions)
    names = re.findall(r"[\w.]+", match["names"])
    if match["samples"]:
        return tuple(samples)
    own = () if match["bare"] else packages
    return tuple(f"leeward.{name}" if name.split(".")[0] in own else name for name in names)


def _check_packages(
    layers: tuple[tuple[str, ...], ...], rules: tuple[ImportRule, ...], packages: Sequence[str]
) -> None:
    """Raise ValueError unless every package has one line, or a row that forbids it to import any but some packages."""
    on_lines = [package for layer in layers for package in layer]
    of_their_own = [
        package
        for package in packages
        for rule in rules
        if rule.importers == (f"leeward.{package}",) and " any package" in rule.title
    ]
    if sorted(on_lines + of_their_own) != sorted(packages):
        differing = sorted(set(packages) ^ {*on_lines, *of_their_own}) or "a package that is named twice"
        raise ValueError(f"{HEADING} and src/leeward differ in {differing}. Give each package one line.")
