"""What machines are told once readiness has looked: an event on the default bus, in one documented shape.

The shape is committed as docs/schemas/leeward-readiness-event.schema.json;
`python -m leeward.readiness.readiness_event` prints it.
"""

from __future__ import annotations

import json
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from leeward.control.journal.redaction import redact
from leeward.readiness.model.findings import FindingStatus, ReadinessReport, ReadinessVerdict


class ReadinessEventDetail(BaseModel):
    """The `detail` of `Leeward Readiness Looked`. `version` changes when a member changes its meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    application: str
    runbook: str
    region: str = Field(description="the Region that the runbook enters, which looked")
    at: AwareDatetime = Field(description="when it looked, UTC")
    verdict: ReadinessVerdict
    score: int = Field(ge=0, le=100, description="the share of checks that are well, in per cent")
    findings: dict[FindingStatus, int] = Field(description="how many checks came to each status")
    expected_seconds: int | None = Field(description="in what time a run would end; null where none has succeeded")
    text: str = Field(description="the verdict and its first reasons, for people")

    @classmethod
    def from_report(cls, report: ReadinessReport) -> Self:
        """Of one answer."""
        return cls(
            application=report.application,
            runbook=report.runbook,
            region=report.region,
            at=report.at,
            verdict=report.verdict,
            score=report.score,
            findings={status: sum(f.status is status for f in report.findings) for status in FindingStatus},
            expected_seconds=report.expected.seconds,
            text=redact(report.summary),
        )


def event_schema() -> str:
    """The JSON Schema of the event's detail, as it is committed."""
    made = ReadinessEventDetail.model_json_schema()
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "leeward-readiness-event.schema.json",
    }
    return json.dumps(head | made | {"title": "Detail of Leeward Readiness Looked"}, indent=2) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(event_schema())
