"""Compute the dependencies of every sample runbook, and write them to docs/generated.

    python tools/dependency_tables.py                    # compute the tables whose inputs have changed
    python tools/dependency_tables.py --all --jobs 2     # compute all tables, two trials at once (13 minutes with one)
    python tools/dependency_tables.py --check            # change nothing; fail when inputs have changed

The check plays nothing: it compares digests (leeward.evidence.dependencies.input_digest).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap

from leeward.base.durations import format_duration
from leeward.evidence.dependencies.dependency_table import DependencyTable, Requirement
from leeward.evidence.dependencies.dependency_text import HEADINGS, dependency_cells, list_details, list_uncalled
from leeward.evidence.dependencies.input_digest import digest_inputs

ROOT = Path(__file__).resolve().parents[1]
JSON_FILE = ROOT / "docs" / "generated" / "dependencies.json"
PAGE = JSON_FILE.with_suffix(".md")
SEED = 7
COMMAND = "python tools/dependency_tables.py"

# The tables by name, such as `website failover`.
Tables = dict[str, DependencyTable]


def main(arguments: list[str] | None = None) -> int:
    """Compute and write the tables, or check them. Return 1 when the check fails."""
    parser = argparse.ArgumentParser(description="Compute the dependencies of every sample runbook.")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--all", action="store_true", help="compute the tables whose inputs haven't changed too")
    mode.add_argument("--check", action="store_true", help="change nothing; fail when inputs have changed")
    parser.add_argument("--jobs", type=int, default=1, help="trials that run at once (default: 1)")
    options = parser.parse_args(arguments)
    tables = read_tables()
    if options.check:
        problems = list(find_problems(tables, ROOT))
        for problem in problems:
            print(problem)  # noqa: T201
        return 1 if problems else 0
    current = {} if options.all else {name: table for name, table in tables.items() if is_current(table, ROOT)}
    for application, runbook in list_samples(ROOT):
        name = f"{application} {runbook}"
        if name not in current:
            current[name] = _compute(application, runbook, options.jobs)
            print(f"{name}: computed", file=sys.stderr)  # noqa: T201
            _write({name: current[name] for name in sorted(current)})  # keeps the others if a later one fails
    _write({f"{a} {r}": current[f"{a} {r}"] for a, r in list_samples(ROOT)})
    return 0


def list_samples(root: Path) -> list[tuple[str, str]]:
    """Return the application and the runbook of each sample, in the order of the page."""
    documents = (path for path in (root / "runbooks").glob("*/*.yaml") if path.stem != "application")
    return sorted((path.parent.name, path.stem) for path in documents)


def read_tables(path: Path = JSON_FILE) -> Tables:
    """Return the committed tables by name, such as `website failover`."""
    if not path.exists():
        return {}
    return {name: DependencyTable.model_validate(each) for name, each in json.loads(path.read_text("utf-8")).items()}


def is_current(table: DependencyTable, root: Path) -> bool:
    """Return whether the inputs of the table haven't changed since it was computed."""
    return table.inputs == digest_inputs(root, table.application)


def find_problems(tables: Mapping[str, DependencyTable], root: Path, page: Path = PAGE) -> Iterator[str]:
    """Yield why the committed tables are out of date, with the command that corrects it."""
    names = {f"{application} {runbook}" for application, runbook in list_samples(root)}
    missing, stale = names - tables.keys(), {name for name, table in tables.items() if not is_current(table, root)}
    for text, found in (
        ("have no table", missing),
        ("have tables of other documents or code", stale & names),
        ("no longer exist", tables.keys() - names),
    ):
        if found:
            yield f"docs/generated/dependencies.json: {', '.join(sorted(found))} {text}. Run `{COMMAND}`"
    if not page.exists() or page.read_text("utf-8") != render_page(tables):
        yield f"docs/generated/{page.name} differs from dependencies.json. Run `{COMMAND}`"


def _compute(application: str, runbook: str, jobs: int) -> DependencyTable:
    from leeward.rehearsal.dependencies.dependency_runner import DependencyRequest, compute_dependencies  # noqa: PLC0415 - imports the twin, which a check doesn't need

    return compute_dependencies(DependencyRequest(ROOT, application, runbook, SEED, jobs=jobs))


def _write(tables: Mapping[str, DependencyTable]) -> None:
    documents = {name: table.model_dump(mode="json") for name, table in tables.items()}
    JSON_FILE.write_text(json.dumps(documents, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(render_page(tables), encoding="utf-8")


def render_page(tables: Mapping[str, DependencyTable]) -> str:
    """Return the text of the page."""
    lines = _INTRODUCTION.splitlines()
    for name, table in sorted(tables.items()):
        lines += ["", f"## {name.capitalize()}", "", f"Scenario {table.scenario}. "]
        lines[-1] += f"Without an outage, the run takes {format_duration(table.clean_seconds)}."
        head = ("Need", *HEADINGS)
        lines += ["", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
        for requirement in Requirement:
            if requirement is not Requirement.NOT_CALLED:
                rows = table.with_requirement(requirement)
                lines += ["| " + " | ".join((str(requirement), *dependency_cells(row))) + " |" for row in rows]
        lines += ["", *(_wrap(f"- {detail}") for detail in list_details(table))]
        if uncalled := list_uncalled(table):
            lines += ["", _wrap(f"Not called: {uncalled}.")]
    return "\n".join(lines) + "\n"


def _wrap(text: str) -> str:
    return "\n".join(wrap(text, 120, subsequent_indent="  " if text.startswith("-") else "", break_long_words=False))


_INTRODUCTION = f"""\
# Dependencies of the sample runbooks

`leeward dependencies APPLICATION RUNBOOK` finds out which AWS services a run needs. It makes each service fail that the
run's functions call, in each Region, and compares the run with one without an outage. The tables are those of the
default scenario and seed {SEED}. In the scenario `region-dark`, the primary Region is unavailable anyway.

- **Whole run** and **20 minutes** are the two trials: the service answers with server errors from the start of the run,
  for good or for 20 minutes. Of Lambda, the invocations by Step Functions fail too. The cell is the delay of a run that
  reached its goal, or `no call` if the outage made no call fail: the run calls the service later, or its Region is
  unavailable anyway. `stops` is a run that failed. `misses goal` is a run that succeeded, but left the world in another
  state, or broke an invariant.
- **Need** is `required` if a trial did not reach the goal by itself, `delays` if a trial took at least a minute longer,
  and otherwise `not required`.
- **Person** says whether the 20-minute outage needed a person. Each run was approved beforehand. `retry was enough` and
  `resume was enough` are needless: the run asked, or stopped, although waiting would have reached the goal. `needed`
  means that a step had to be skipped, or that the goal was out of reach.
- A run that stopped is resumed after the 20 minutes, or started again, as its summary advises.
- The operator answers `retry` while the outage can end. Otherwise, the operator retries a step once, and then skips it.
- **Not called** are services whose API no function of the run calls there. What AWS itself calls for the run is not
  played: Step Functions, which executes it, and the services for its keys, logs, and traces.

`{COMMAND}` writes this page and `dependencies.json`. Each table has a digest of its inputs: the
application's documents, its state machines, its workload with the world and the scenarios, and the code that the
functions run. `make check` compares the digests, without playing a run. A change of the twin changes no digest. After
one, compute all tables again with `--all`.
"""


if __name__ == "__main__":
    sys.exit(main())
