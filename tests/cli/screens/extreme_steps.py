"""Steps that a screen must survive: very many, and with names that would steer it if they could."""

from __future__ import annotations

from leeward.rehearsal.results.result_models import StepPartReport, StepReport
from tests.cli.screens.sample_rehearsals import ASKING, DONE, FAILED, NOT_REACHED, RUNNING, seconds_after_start


def many_steps(n: int = 30) -> list[StepReport]:
    """A long runbook, under way in its middle."""
    half = n // 2
    return [
        StepReport(
            name=f"Step number {i + 1} of a long runbook",
            kind="wait",
            status=DONE if i < half else RUNNING if i == half else NOT_REACHED,
            attempts=1 if i <= half else 0,
            started_at=seconds_after_start(30 * i) if i <= half else None,
            ended_at=seconds_after_start(30 * i + 30) if i < half else None,
            detail="waited 30s" if i < half else "10s of 30s" if i == half else "",
        )
        for i in range(n)
    ]


HOSTILE = [
    "[bold]not bold[/bold] [link=http://example.com]x[/link] :boom:",
    "\N{ROCKET}\N{FIRE} emoji, two cells each \N{FAMILY}",
    "A name that is exactly as long as the longest that a state may have, at eighty c",
    "steers \x1b[31mthe terminal\x1b[0m\r and turns \u202etext\u202c",
]


def hostile_steps() -> list[StepReport]:
    """Names and details that a screen must show and never obey."""
    return [
        StepReport(
            name=name,
            kind="wait",
            status=status,
            attempts=2,
            started_at=seconds_after_start(0),
            ended_at=seconds_after_start(10),
            detail=name,
            parts=[
                StepPartReport(name=name, status=status, started_at=seconds_after_start(0), ended_at=None, detail=name)
            ],
        )
        for name, status in zip(HOSTILE, [DONE, FAILED, RUNNING, ASKING], strict=True)
    ]
