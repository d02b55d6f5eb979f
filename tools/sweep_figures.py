"""Sweep every sample runbook with a stratified draw, and write what was found to docs/generated/sweep.md.

    python tools/sweep_figures.py --minutes 60 --seed 7

The minutes are shared equally. The reports of the runbooks are kept in build/sweep-figures/.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import TypeAdapter

from leeward.rehearsal.sweep.sweep_report import FaultClassReport, SweepReport

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "generated" / "sweep.md"
REPORTS = ROOT / "build" / "sweep-figures"
_REPORTS = TypeAdapter(list[SweepReport])


def main() -> int:
    """Run the sweeps one after the other and rewrite the page. Return 1 if a trial failed in an unknown way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    runbooks = sorted(p for p in (ROOT / "runbooks").glob("*/*.yaml") if p.name != "application.yaml")
    reports = [
        _sweep(path.parent.name, path.stem, arguments.minutes / len(runbooks), arguments.seed) for path in runbooks
    ]
    PAGE.write_text(render_page(reports, arguments.minutes, arguments.seed, _read_commit()), encoding="utf-8")
    return int(not all(report.passed for report in reports))


def _sweep(application: str, runbook: str, minutes: float, seed: int) -> SweepReport:
    command = [sys.executable, "-m", "leeward.cli", "sweep", application, runbook, "--json"]
    done = subprocess.run(  # noqa: S603 - a fixed command
        [*command, "--minutes", f"{minutes:.2f}", "--seed", str(seed)],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if not done.stdout:
        sys.exit(f"the sweep of {application} {runbook} did not start: {done.stderr}")
    REPORTS.mkdir(parents=True, exist_ok=True)
    (REPORTS / f"{application}-{runbook}.json").write_text(done.stdout, encoding="utf-8")
    report = _REPORTS.validate_json(done.stdout)[0]
    sys.stdout.write(f"{application} {runbook}: {report.violations} of {report.runs} trials failed\n")
    sys.stdout.flush()
    return report


def _read_commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.check_output(command, cwd=ROOT, text=True).strip()  # noqa: S603 - a fixed command


def render_page(reports: Sequence[SweepReport], minutes: float, seed: int, commit: str) -> str:
    """Return the text of the page."""
    command = f"python tools/sweep_figures.py --minutes {minutes:g} --seed {seed}"
    lines = [
        "# The sweep in figures",
        "",
        f"`{command}` wrote this page at commit `{commit}`.",
        "It draws faults by class and by the kind of step that they hit (a stratum), until the time is over.",
        "[Safety](../safety.md) explains the sweep. A fault counts only if it took effect.",
        "",
        *_table(
            ("Runbook", "Possible faults", "Strata tried", "Distinct faults", "Succeeded", "Recovered", "Failed"),
            _runbook_rows(reports),
        ),
        "",
        *_table(
            ("Fault class", "Trials", "Succeeded", "Recovered", "With a person", "Needlessly", "No effect", "Failed"),
            _class_rows(reports),
        ),
        "",
        "What each invariant compared:",
        "",
        *_table(("Invariant", "Trials", "Compared"), _invariant_rows(reports)),
        "",
        *_failure_lines(reports),
    ]
    return "\n".join(lines) + "\n"


def _runbook_rows(reports: Sequence[SweepReport]) -> Iterator[Sequence[str]]:
    for each in reports:
        numbers = (each.possible, f"{each.strata_tried} of {each.strata}", *_ends(each))
        yield (f"{each.application} {each.runbook}", *map(_text, numbers))
    totals = [sum(values) for values in zip(*map(_ends, reports), strict=True)]
    strata = f"{sum(each.strata_tried for each in reports):,} of {sum(each.strata for each in reports):,}"
    yield ("all", _text(sum(each.possible for each in reports)), strata, *map(_text, totals))


def _ends(report: SweepReport) -> tuple[int, ...]:
    return report.distinct, report.succeeded, report.converged, report.violations


def _class_rows(reports: Sequence[SweepReport]) -> Iterator[Sequence[str]]:
    by_label: dict[str, list[FaultClassReport]] = defaultdict(list)
    for report in reports:
        for each in report.classes:
            by_label[each.label].append(each)
    for label, group in sorted(by_label.items()):
        rows = [
            (c.runs, c.succeeded, c.converged, c.with_person, c.needless_stops, c.without_effect, c.problems)
            for c in group
        ]  # fmt: skip
        yield (label, *(_text(sum(column)) for column in zip(*rows, strict=True)))


def _invariant_rows(reports: Sequence[SweepReport]) -> Iterator[Sequence[str]]:
    for columns in zip(*(report.invariants for report in reports), strict=True):
        yield (columns[0].name, *map(_text, (sum(c.trials for c in columns), sum(c.compared for c in columns))))


def _failure_lines(reports: Sequence[SweepReport]) -> list[str]:
    failures = [(report, failure) for report in reports for failure in report.failures]
    if not failures:
        return ["No trial failed."]
    counts: dict[str, list[str]] = defaultdict(list)
    for report, failure in failures:
        counts[failure.known or "not known"].append(f"`{report.application} {report.runbook} {failure.fault}`")
    lines = ["Failed trials, by the reason:", ""]
    for reason, faults in counts.items():
        text = f"- {reason}: {len(faults)} trials, such as {faults[0]}"
        lines += textwrap.wrap(text, 118, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return lines


def _table(header: Sequence[str], rows: Iterator[Sequence[str]]) -> list[str]:
    texts = ["| " + " | ".join(row) + " |" for row in (header, *rows)]
    return [texts[0], "|---" * len(header) + "|", *texts[1:]]


def _text(value: int | str) -> str:
    return f"{value:,}" if isinstance(value, int) else value


if __name__ == "__main__":
    sys.exit(main())
