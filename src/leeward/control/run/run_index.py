"""Which runs there were: one item per run under its application, so that nobody has to scan the table for them.

The register is an index, not evidence: it is written over when a run ends, and says nothing that the journal does not.
`pk` = RUNS#<application>, `sk` = <when it began>#<run id>.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from leeward.common.aws.state_table import ITEM_ABSENT, StateTable
from leeward.control.run.run_reference import RunRef


@dataclass(frozen=True, slots=True)
class IndexedRun:
    """One run. `outcome` and `ended_at` are None until it has ended by its own word."""

    run: str
    application: str
    runbook: str
    origin: str
    target: str
    execution: str
    began_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None


def add_run(table: StateTable, run: RunRef, execution: str) -> None:
    """A run begins; entering it again changes nothing."""
    table.put(_index_item(run, execution, None, None), condition=ITEM_ABSENT)


def close_run(table: StateTable, run: RunRef, execution: str, *, ended_at: datetime, outcome: str) -> None:
    """The run has ended; closing it again changes nothing but the time."""
    table.put(_index_item(run, execution, ended_at, outcome))


def reopen_run(table: StateTable, run: RunRef, execution: str) -> None:
    """The run had ended, and goes on."""
    table.put(_index_item(run, execution, None, None))


def list_runs(table: StateTable, application: str) -> list[IndexedRun]:
    """The runs of an application that began in this Region, latest first."""
    found = [
        IndexedRun(
            run=str(item["run"]),
            application=application,
            runbook=str(item["runbook"]),
            origin=str(item["origin"]),
            target=str(item["target"]),
            execution=str(item["execution"]),
            began_at=datetime.fromisoformat(str(item["began_at"])),
            ended_at=datetime.fromisoformat(str(item["ended_at"])) if "ended_at" in item else None,
            outcome=str(item["outcome"]) if "outcome" in item else None,
        )
        for item in table.query(_partition_key(application))
    ]
    return found[::-1]


def _index_item(run: RunRef, execution: str, ended_at: datetime | None, outcome: str | None) -> dict[str, str | None]:
    began = run.started_at.astimezone(UTC).isoformat()
    return {
        "pk": _partition_key(run.application),
        "sk": f"{began}#{run.id}",
        "run": run.id,
        "runbook": run.runbook,
        "origin": run.origin,
        "target": run.target,
        "execution": execution,
        "began_at": began,
        "ended_at": None if ended_at is None else ended_at.astimezone(UTC).isoformat(),
        "outcome": outcome,
    }


def _partition_key(application: str) -> str:
    return f"RUNS#{application}"
