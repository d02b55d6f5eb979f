"""What machines are told once readiness has looked: an event on the default bus, in one documented shape.

The shape is committed as docs/schemas/leeward-readiness-event.schema.json; `python -m readiness.announced` prints it.
"""

from __future__ import annotations

import json
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from leeward.control.redaction import redact
from leeward.readiness.findings import Readiness, Status, Verdict


class LookedDetail(BaseModel):
    """The `detail` of `Leeward Readiness Looked`. `version` changes when a member changes its meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    application: str
    runbook: str
    region: str = Field(description="the Region that the runbook enters, which looked")
    at: AwareDatetime = Field(description="when it looked, UTC")
    verdict: Verdict
    score: int = Field(ge=0, le=100, description="the share of checks that are well, in per cent")
    findings: dict[Status, int] = Field(description="how many checks came to each status")
    expected_seconds: int | None = Field(description="in what time a run would end; null where none has succeeded")
    text: str = Field(description="the verdict and its first reasons, for people")

    @classmethod
    def of(cls, found: Readiness) -> Self:
        """Of one answer."""
        return cls(
            application=found.application,
            runbook=found.runbook,
            region=found.region,
            at=found.at,
            verdict=found.verdict,
            score=found.score,
            findings={status: sum(f.status is status for f in found.findings) for status in Status},
            expected_seconds=found.expected.seconds,
            text=redact(found.told),
        )


def schema() -> str:
    """The JSON Schema of the event's detail, as it is committed."""
    made = LookedDetail.model_json_schema()
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "leeward-readiness-event.schema.json",
    }
    return json.dumps(head | made | {"title": "Detail of Leeward Readiness Looked"}, indent=2) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(schema())
