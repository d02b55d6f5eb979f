"""What a run tells machines: events on the default bus of EventBridge, in one documented shape.

The shape is committed as docs/schemas/leeward-event.schema.json;
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

# An event may have 256 KiB; a reader's screen has less.
_MAX_DETAIL_LENGTH = 4_000


class EventsClient(Protocol):
    """EventBridge's client, as far as it is used."""

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 - AWS's name
        """Put events on their bus; one that was refused is told in the answer, not raised."""
        ...


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EventStep(_Model):
    """The step that an event is about."""

    id: str = Field(description="its id in the runbook")
    name: str = Field(description="its name, as people read it")
    kind: str | None = Field(description="its kind, such as drs.recover; null where the event does not know")
    attempt: int = Field(ge=1, description="which attempt, from 1")
    part: str | None = Field(description="the group of servers, or the target group, where a step acts on several")


class JournalPlace(_Model):
    """Where in the run's journal the event is written down: a witness that the journal was not cut short since."""

    seq: int = Field(ge=1, description="the entry's sequence number")
    hash: str = Field(pattern="^[0-9a-f]{64}$", description="the entry's SHA-256, in hex")


class RunEventDetail(_Model):
    """The `detail` of every event that a run puts on the bus. `version` changes when a member changes its meaning."""

    version: Literal[1] = 1
    run: str = Field(description="the run's id")
    application: str
    runbook: str
    origin: str = Field(description="the Region that is left")
    target: str = Field(description="the Region that is entered; the event comes from there")
    at: AwareDatetime = Field(description="when it happened, UTC")
    text: str = Field(description="what happened, for people")
    step: EventStep | None = Field(default=None, description="null for what concerns the run as a whole")
    outcome: Literal["succeeded", "failed"] | None = Field(default=None, description="of Leeward Run Ended alone")
    error: str | None = Field(default=None, description="the error's name, where something failed")
    decision: str | None = Field(default=None, description="of an answer, or what follows a failure (its policy)")
    by: str | None = Field(default=None, description="who answered")
    choices: list[str] | None = Field(default=None, description="of a question: the answers that it takes")
    default: str | None = Field(default=None, description="of a question: what silence means")
    journal: JournalPlace


def event_detail(
    run: RunRef, link: ChainedEntry, step: RunbookStep | None = None, part: str | None = None
) -> RunEventDetail:
    """The event that tells of an entry of the journal; all that it says stands there."""
    facts = redact_facts(link.facts)
    about = None
    if link.step is not None:
        about = EventStep(
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
        step=about,
        outcome=cast(Literal["succeeded", "failed"] | None, facts.get("outcome")),
        error=_optional_text(facts.get("error")),
        decision=_optional_text(facts.get("decision") or facts.get("policy")),
        by=_optional_text(facts.get("by")),
        choices=[str(c) for c in choices] if isinstance(choices := facts.get("choices"), list) else None,
        default=_optional_text(facts.get("default")),
        journal=JournalPlace(seq=link.seq, hash=link.hash),
    )


def put_event(client: EventsClient, event_type: DomainEventType, detail: BaseModel) -> None:
    """Put one event on the default bus. Raises a LeewardError, which is no reason for a run to fail."""
    with translate_errors("events:PutEvents"):
        answer = client.put_events(
            Entries=[{"Source": EVENT_SOURCE, "DetailType": event_type.value, "Detail": detail.model_dump_json()}]
        )
    if answer.get("FailedEntryCount"):
        refused: Mapping[str, object] = next(iter(answer.get("Entries", ())), {})
        raise ServiceUnavailable(f"events:PutEvents: {refused.get('ErrorCode')}: {refused.get('ErrorMessage')}")


def event_schema() -> str:
    """The JSON Schema of an event's detail, as it is committed."""
    made = RunEventDetail.model_json_schema()
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "leeward-event.schema.json"}
    return json.dumps(head | made | {"title": "Detail of an event of Leeward"}, indent=2) + "\n"


def _optional_text(value: object) -> str | None:
    return str(value) if value else None


if __name__ == "__main__":
    import sys

    sys.stdout.write(event_schema())
