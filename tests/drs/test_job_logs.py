"""Why a server did not launch, as its job's log tells it."""

from __future__ import annotations

import pytest

from leeward.drs.api.models import LogItem
from leeward.drs.inventory.recovery_jobs import failure_reason


def line(event: str, server: str | None = None, error: str | None = None) -> LogItem:
    output = {"sourceServerID": server, "rawError": error}
    return LogItem.model_validate({"event": event, "eventData": {k: v for k, v in output.items() if v is not None}})


@pytest.mark.parametrize(
    ("log", "output"),
    [
        ([line("SNAPSHOT_FAIL", "s-1", "early"), line("LAUNCH_FAILED", "s-1", "late")], "LAUNCH_FAILED: late"),
        ([line("JOB_START", None, "early"), line("JOB_END", None, "late")], "JOB_END: late"),
        ([line("JOB_END", None, "of the job"), line("LAUNCH_FAILED", "s-1", "own")], "LAUNCH_FAILED: own"),
        ([line("LAUNCH_FAILED", "s-2", "another's"), line("JOB_END")], "the job log gives no reason"),
        (
            [line("SNAPSHOT_START", "s-1"), line("CLEANUP_END", "s-1")],
            "CLEANUP_END, and the job log gives no reason",
        ),
    ],
)
def test_job_log_reason_prefers_last_entry_of_server(log: list[LogItem], output: str) -> None:
    assert failure_reason(log, "s-1") == output
