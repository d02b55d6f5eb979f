"""The page `docs/generated/no-op-steps.md`: which check notices a step that reports success without acting.

    python -m tests.rehearsals.no_op_steps.no_op_page

plays every committed runbook once for each of its steps, and writes the page. It takes several minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from tests.rehearsals.no_op_steps.no_op_trials import CommittedStep, NoOpTrial, committed_steps, play_no_ops
from tests.rehearsals.no_op_steps.worlds_that_matter import world_for
from tests.support.paths import REPOSITORY
from tools.generate_docs import markdown_table

PAGE = REPOSITORY / "docs" / "generated" / "no-op-steps.md"
NOTHING = "nothing"
# Steps that may go unnoticed, by kind, and why. There may be three at most.
UNNOTICED = {"wait": "a state of Step Functions itself, without a task that could report success"}
MOST_UNNOTICED = 3
_HEADER = ("Step", "Kind", "World", "Noticed by")
_INTRODUCTION = """\
# Figures: steps that report success without acting

Each step of each committed runbook is replaced, one at a time, by a handler that does no work. It journals the claims
that the step made in a run without faults, and returns success. *Noticed by* lists what the rehearsal then reports:

- an invariant, by its name
- `outcome`: a later step failed, so the run did
- `RTO`, `RPO`: a missed objective
- `end state`: a difference from the run without faults, which only the sweep compares

*World* is what is wrong when the step begins. A step that changes something matters in every world, *as is*. A step
that checks or waits matters only if there is something to find: copies of servers that lag, a table without a replica
or with paused replication, a load balancer without targets, or a stopped API function in the target Region.

The command

    python -m tests.rehearsals.no_op_steps.no_op_page

measures the tables. `make verify` compares it with new measurements. DRS takes a tenth of its usual time.
"""


class Row(NamedTuple):
    """One row of the page."""

    step: str
    kind: str
    world: str
    noticed: str


def noticed_by(trial: NoOpTrial) -> str:
    """Which checks noticed, in the order of the findings."""
    return ", ".join(f"`{name}`" for name in dict.fromkeys(map(_check_name, trial.findings))) or NOTHING


def _check_name(finding: str) -> str:
    if finding.startswith("it missed the "):
        return finding.removeprefix("it missed the ")[:3]
    if finding.startswith(("it failed", "it ended")):
        return "outcome"
    return "step" if finding.startswith(("'", '"')) else finding.split(":", maxsplit=1)[0]


def row_of(trial: NoOpTrial) -> Row:
    """The row of one trial."""
    return Row(trial.step.name, f"`{trial.step.kind}`", world_for(trial.step.kind).reason, noticed_by(trial))


def make_page(trials: Sequence[NoOpTrial]) -> str:
    """The page's text."""
    lines = [_INTRODUCTION]
    for (application, runbook), each in groupby(trials, key=lambda t: (t.step.application, t.step.runbook)):
        rows = [row_of(trial) for trial in each]
        lines += [f"## {application} {runbook}", "", *markdown_table(_HEADER, rows), ""]
    unnoticed = [trial.step for trial in trials if not trial.findings]
    lines += ["## Unnoticed", ""]
    lines += [_reason(step) for step in unnoticed] or ["None."]
    return "\n".join(lines) + "\n"


def listed_rows(page: str, application: str, runbook: str) -> list[Row]:
    """The rows that the page has for a runbook."""
    section = page.split(f"## {application} {runbook}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [Row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines]


def _reason(step: CommittedStep) -> str:
    return f"- {step.application} {step.runbook}, {step.name}: {UNNOTICED.get(step.kind, 'no reason')}"


def write_page() -> None:
    """Play every step and write the page."""
    runbooks = dict.fromkeys((step.application, step.runbook) for step in committed_steps())
    trials = [trial for application, runbook in runbooks for trial in play_no_ops(application, runbook)]
    PAGE.write_text(make_page(trials), encoding="utf-8")


if __name__ == "__main__":
    write_page()
