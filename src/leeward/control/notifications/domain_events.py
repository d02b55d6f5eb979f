"""The EventBridge events of a run, which it puts on the default bus in one documented format.

Their schema is committed as docs/schemas/leeward-event.schema.json;
`python -m leeward.control.notifications.domain_events` prints it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, Protocol, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import ServiceUnavailable
from leeward.common.naming.telemetry_names import EVENT_SOURCE, DomainEventType
from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.redaction import redact, redact_facts
from leeward.control.run.run_reference import RunbookStep, RunRef

# An event may have 256 KiB, far more than an operator can read.
_MAX_DETAIL_LENGTH = 4_000


class EventsClient(Protocol):
    """The part of the EventBridge client that is used."""

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 - AWS's name
        """Put events on their bus. A rejected event is reported in the response, not raised."""
        ...


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class EventStep(_Model):
    """The step that an event is about."""

    id: str = Field(description="the step's id in the runbook")
    name: str = Field(description="the step's display name")
    kind: str | None = Field(description="the step's kind; null if unknown")
    attempt: int = Field(ge=1, description="the attempt, starting at 1")
    part: str | None = Field(description="the server group or target group, if the step acts on several; else null")


class JournalPlace(_Model):
    """The journal entry that records the event. With it, you can detect that the journal was truncated later."""

    seq: int = Field(ge=1, description="the entry's sequence number")
    hash: str = Field(pattern="^[0-9a-f]{64}$", description="the entry's SHA-256 in hex")


class RunEventDetail(_Model):
    """The `detail` of every event of a run. `version` changes when the meaning of a field changes."""

    version: Literal[1] = 1
    run: str = Field(description="the run's id")
    application: str
    runbook: str
    origin: str = Field(description="the origin Region, which the run leaves")
    target: str = Field(description="the target Region, which sends the event")
    at: AwareDatetime = Field(description="the time of the event, UTC")
    text: str = Field(description="what happened, for operators")
    step: EventStep | None = Field(default=None, description="the step; null if the event concerns the whole run")
    outcome: Literal["succeeded", "failed"] | None = Field(default=None, description="only for Leeward Run Ended")
    error: str | None = Field(default=None, description="the error's name after a failure")
    decision: str | None = Field(default=None, description="the answer, or the policy that applies to a failure")
    by: str | None = Field(default=None, description="who answered the question")
    choices: list[str] | None = Field(default=None, description="the possible answers to a question")
    default: str | None = Field(default=None, description="the answer that applies if no one answers in time")
    journal: JournalPlace


def event_detail(
    run: RunRef, link: ChainedEntry, step: RunbookStep | None = None, part: str | None = None
) -> RunEventDetail:
    """Build the detail of the event for a journal entry. It contains nothing that the entry doesn't.

    `step` is the runbook step of the entry, if known. `part` is the group that the entry is about.
    """
    facts = redact_facts(link.facts)
    event_step = None
    if link.step is not None:
        event_step = EventStep(
            id=link.step,
            name=step.name if step else link.step,
            kind=step.kind if step else None,
            attempt=link.attempt or 1,
            part=part,
        )
    return RunEventDetail(
        run=run.id,
        application=run.application,
        runbook=run.runbook,
        origin=run.origin,
        target=run.target,
        at=link.at,
        text=redact(link.detail)[:_MAX_DETAIL_LENGTH],
        step=event_step,
        outcome=cast(Literal["succeeded", "failed"] | None, facts.get("outcome")),
        error=_optional_text(facts.get("error")),
        decision=_optional_text(facts.get("decision") or facts.get("policy")),
        by=_optional_text(facts.get("by")),
        choices=[str(c) for c in choices] if isinstance(choices := facts.get("choices"), list) else None,
        default=_optional_text(facts.get("default")),
        journal=JournalPlace(seq=link.seq, hash=link.hash),
    )


def put_event(client: EventsClient, event_type: DomainEventType, detail: BaseModel) -> None:
    """Put one event on the default bus. Raises a LeewardError; callers must not fail the run because of it."""
    with translate_errors("events:PutEvents"):
        response = client.put_events(
            Entries=[{"Source": EVENT_SOURCE, "DetailType": event_type.value, "Detail": detail.model_dump_json()}]
        )
    if response.get("FailedEntryCount"):
        rejected: Mapping[str, object] = next(iter(response.get("Entries", ())), {})
        raise ServiceUnavailable(f"events:PutEvents: {rejected.get('ErrorCode')}: {rejected.get('ErrorMessage')}")


def event_schema() -> str:
    """Return the JSON Schema of an event's detail, as committed."""
    schema = RunEventDetail.model_json_schema()
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "leeward-event.schema.json"}
    return json.dumps(head | schema | {"title": "Detail of a Leeward run event"}, indent=2) + "\n"


def _optional_text(value: object) -> str | None:
    return str(value) if value else None


if __name__ == "__main__":
    import sys

    sys.stdout.write(event_schema())
