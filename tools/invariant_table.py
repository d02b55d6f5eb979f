"""Rehearse every sample runbook, and write how many things each invariant checked to docs/generated/invariants.md.

    python tools/invariant_table.py [APPLICATION RUNBOOK]

With an application and a runbook, only that row is measured again. The rehearsals are those of tools/sample_figures.py
that a person starts. The tests in tests/rehearsals/realism compare the cells: one that counted must not be "n/a" again.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from leeward.rehearsal.invariants import list_invariants
from leeward.rehearsal.results.result_models import RehearsalResult
from tools.sample_figures import ROOT, Sample, list_samples, rehearse_sample

PAGE = ROOT / "docs" / "generated" / "invariants.md"
NOT_APPLICABLE, VIOLATED = "n/a", "violated"
_WORKERS = 2
# A page's lines are limited, so the invariants are split into tables.
_CORNER, _COLUMNS = "Runbook", 7

Row = Mapping[str, str]


def main(arguments: Sequence[str]) -> int:
    """Measure the rows and rewrite the page. Return 1 if an invariant is violated."""
    samples = list_table_samples()
    rows = {} if not arguments else dict(read_table())
    chosen = [s for s in samples if not arguments or [s.application, s.runbook] == list(arguments)]
    with ProcessPoolExecutor(_WORKERS) as pool:
        rows |= {_row_name(sample): row for sample, row in zip(chosen, pool.map(measure_row, chosen), strict=True)}
    PAGE.write_text(render_page({_row_name(s): rows[_row_name(s)] for s in samples}), encoding="utf-8")
    return int(any(VIOLATED in row.values() for row in rows.values()))


def list_table_samples() -> list[Sample]:
    """Return every committed runbook as started by a person, in the order of the table."""
    return sorted((s for s in list_samples() if s.trigger is None), key=_row_name)


def measure_row(sample: Sample) -> Row:
    """Rehearse the runbook, and return the text of its cell for each invariant."""
    return cells_of(rehearse_sample(sample))


def cells_of(result: RehearsalResult) -> Row:
    """Return for each invariant how many things it checked, or why there is no number."""
    return {
        report.name: VIOLATED if report.violated else str(report.checked) if report.applicable else NOT_APPLICABLE
        for report in result.invariants
    }


def read_table() -> Mapping[str, Row]:
    """Return the cells of the committed page, by runbook and invariant."""
    rows: dict[str, dict[str, str]] = {}
    names: list[str] = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        first, *cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("| ") else [""]
        if first == _CORNER:
            names = cells
        elif first:
            rows.setdefault(first, {}).update(zip(names, cells, strict=True))
    return rows


def render_page(rows: Mapping[str, Row]) -> str:
    """Return the text of the page."""
    names = [invariant.name for invariant in list_invariants()]
    lines = [*_INTRODUCTION]
    for start in range(0, len(names), _COLUMNS):
        chosen = names[start : start + _COLUMNS]
        lines += ["", "| " + " | ".join((_CORNER, *chosen)) + " |", "|---" * (1 + len(chosen)) + "|"]
        lines += ["| " + " | ".join((name, *(row[each] for each in chosen))) + " |" for name, row in rows.items()]
    return "\n".join([*lines, ""])


def _row_name(sample: Sample) -> str:
    return f"{sample.application} {sample.runbook}"


_INTRODUCTION = (
    "# What each invariant checks",
    "",
    "`python tools/invariant_table.py` writes this page. Each row is one rehearsal of a committed runbook, with its",
    "default scenario and seed 7. A cell is the number of things that the [invariant](../safety.md#invariants)",
    'compared, such as requests, calls, servers, or steps. "n/a" means that there was nothing to compare.',
)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
