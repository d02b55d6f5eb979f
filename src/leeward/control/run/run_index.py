"""The index of an application's runs: one item for each run, so that listing runs needs no table scan.

The index is not evidence. An item is overwritten when its run ends, and contains nothing that the journal doesn't.
`pk` = RUNS#<application>, `sk` = <start time>#<run id>.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from leeward.common.aws.tables.state_table import ITEM_ABSENT, StateTable
from leeward.control.run.run_reference import RunRef


@dataclass(frozen=True, slots=True)
class IndexedRun:
    """A run in the index. `outcome` and `ended_at` are None until the run records its end."""

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
    """Add a run that begins. Adding it again changes nothing."""
    table.put(_index_item(run, execution, None, None), condition=ITEM_ABSENT)


def close_run(table: StateTable, run: RunRef, execution: str, *, ended_at: datetime, outcome: str) -> None:
    """Record that the run has ended. Closing it again changes only the time."""
    table.put(_index_item(run, execution, ended_at, outcome))


def reopen_run(table: StateTable, run: RunRef, execution: str) -> None:
    """Record that the run continues after its end."""
    table.put(_index_item(run, execution, None, None))


def list_runs(table: StateTable, application: str) -> list[IndexedRun]:
    """Return the application's runs that began in this Region, latest first."""
    runs = [
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
    return runs[::-1]


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
