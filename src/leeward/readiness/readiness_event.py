"""The EventBridge event `Leeward Readiness Looked`, which announces a readiness report on the default bus.

Its schema is committed as docs/schemas/leeward-readiness-event.schema.json;
`python -m leeward.readiness.readiness_event` prints it.
"""

from __future__ import annotations

import json
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from leeward.control.journal.redaction import redact
from leeward.readiness.model.findings import FindingStatus, ReadinessReport, ReadinessVerdict


class ReadinessEventDetail(BaseModel):
    """The `detail` of `Leeward Readiness Looked`. `version` changes when the meaning of a field changes."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    version: Literal[1] = 1
    application: str
    runbook: str
    region: str = Field(description="the target Region of the runbook, where the checks ran")
    at: AwareDatetime = Field(description="when the checks ran, UTC")
    verdict: ReadinessVerdict
    score: int = Field(ge=0, le=100, description="the share of checks that passed, in percent")
    findings: dict[FindingStatus, int] = Field(description="the number of findings by status")
    expected_seconds: int | None = Field(description="the expected duration of a run; null if no run has succeeded yet")
    text: str = Field(description="the verdict and its first reasons, for operators")

    @classmethod
    def from_report(cls, report: ReadinessReport) -> Self:
        """Build the detail from a report."""
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
    """Return the JSON Schema of the event's detail, as committed."""
    schema = ReadinessEventDetail.model_json_schema()
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "leeward-readiness-event.schema.json",
    }
    return json.dumps(head | schema | {"title": "Detail of Leeward Readiness Looked"}, indent=2) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(event_schema())
