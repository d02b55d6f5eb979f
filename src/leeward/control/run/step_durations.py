"""The measured durations of a runbook's steps, read from the journals of earlier runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from leeward.common.aws.tables.state_table import StateTable
from leeward.control.journal.run_journal import JournalEvent, read_entries
from leeward.control.run.run_index import list_runs

_MAX_RUNS = 20


def measure_steps(table: StateTable, application: str, runbook: str) -> tuple[int, Mapping[str, list[float]]]:
    """Measure the latest successful runs of a runbook, 20 at most.

    Returns the number of runs that were read, and the durations of successful attempts in seconds by step id. A step
    that acts on several groups in parallel begins with the first group and ends with the last.
    """
    succeeded = [run for run in list_runs(table, application) if run.runbook == runbook and run.outcome == "succeeded"]
    durations: dict[str, list[float]] = {}
    for run in succeeded[:_MAX_RUNS]:
        began: dict[tuple[str, int | None], datetime] = {}
        done: dict[tuple[str, int | None], datetime] = {}
        for entry in read_entries(table, run.run):
            if entry.step is None:
                continue
            key = (entry.step, entry.attempt)
            if entry.event in (JournalEvent.STEP_STARTED, JournalEvent.QUESTION_ASKED):
                began.setdefault(key, entry.at)
            elif entry.event in (JournalEvent.STEP_DONE, JournalEvent.QUESTION_ANSWERED):
                done[key] = entry.at
        for key, at in done.items():
            if key in began:
                durations.setdefault(key[0], []).append((at - began[key]).total_seconds())
    return len(succeeded[:_MAX_RUNS]), durations
