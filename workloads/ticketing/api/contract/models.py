"""What is received and answered. The names are those of the classic contract: `id, description, assigned, ...`.

Text is plain text. What looks like a tag is refused rather than cleaned: a page that shows it must not need to trust
anyone's cleaning, and a ticket must not silently be another than the one that was sent.
"""

# ruff: noqa: N815 - the names are the contract's
from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

# No control characters but tab and line ends, no bidirectional overrides, no `<` that could begin a tag, a comment or a
# declaration. Written without look-around, so that Rust (pydantic), Python and ECMAScript (OpenAPI) read it alike.
_FORBIDDEN_CHARACTERS = r"\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069"
PLAIN_TEXT = rf"^([^<{_FORBIDDEN_CHARACTERS}]|<+[^<A-Za-z/!?{_FORBIDDEN_CHARACTERS}])*<*$"
ONE_LINE = rf"^([^<\t\r\n{_FORBIDDEN_CHARACTERS}]|<+[^<A-Za-z/!?\t\r\n{_FORBIDDEN_CHARACTERS}])*<*$"

Description = Annotated[
    str,
    StringConstraints(min_length=1, max_length=4000, pattern=PLAIN_TEXT),
    Field(description="Plain text, no markup."),
]
Assigned = Annotated[str, StringConstraints(max_length=100, pattern=ONE_LINE), Field(description="Who looks after it.")]
# No `#`: that begins the keys of what the table holds besides tickets.
TicketId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
ClientToken = Annotated[
    str,
    StringConstraints(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$"),
    Field(description="Made once per ticket by the client; the same token never makes a second ticket."),
]
IgnoredText = Annotated[str, StringConstraints(max_length=200), Field(description="Read-only: taken and ignored.")]
RegionName = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]+$")]


def _to_integer(value: object) -> object:
    """To JSON, 2.0 is the integer 2."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# The bounds before the validator: after it they are not in the OpenAPI document.
NewTicketId = Annotated[int, Field(strict=True, ge=0, le=0), BeforeValidator(_to_integer)]
Version = Annotated[
    int,
    Field(strict=True, ge=1, description="The version that was read: another is a 409."),
    BeforeValidator(_to_integer),
]


class Priority(StrEnum):
    """How urgent it is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class TicketStatus(StrEnum):
    """How far it is."""

    OPEN = "open"
    ASSIGNED = "assigned"
    CLOSED = "closed"


class _RequestModel(BaseModel):
    # A number is not turned into text or back. Unknown fields are refused: a misspelt one would be lost otherwise.
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewTicket(_RequestModel):
    """A ticket to create: without an `id`, or with `0`, `""` or null as the classic clients send."""

    # Strict: `false` equals 0, and is none.
    id: NewTicketId | Literal[""] | None = None
    description: Description
    assigned: Assigned = ""
    priority: Priority = Priority.MEDIUM
    status: TicketStatus = TicketStatus.OPEN
    clientToken: ClientToken | None = None
    createdBy: IgnoredText | None = None
    createdOn: IgnoredText | None = None


class TicketChange(_RequestModel):
    """An update: the ticket's `id`, the `version` that was read, and what is to change."""

    id: TicketId
    version: Version
    region: Annotated[
        RegionName | None,
        Field(description="The Region that wrote what was read: tells two writes of the same version apart."),
    ] = None
    description: Description | None = None
    assigned: Assigned | None = None
    priority: Priority | None = None
    status: TicketStatus | None = None
    createdBy: IgnoredText | None = None
    createdOn: IgnoredText | None = None
    updatedOn: IgnoredText | None = None


class Ticket(BaseModel):
    """A ticket. `region` is the Region that wrote it last; `version` counts its writes."""

    model_config = ConfigDict(frozen=True)

    id: str
    description: str
    assigned: str
    priority: Priority
    status: TicketStatus
    createdBy: str
    createdOn: str
    updatedOn: str
    region: str
    version: int


class LostTicketWrite(BaseModel):
    """A write of this ticket that a later one, made in the other Region, has replaced without having seen it."""

    model_config = ConfigDict(frozen=True)

    version: int
    region: str
    updatedOn: str
    description: str
    assigned: str
    priority: Priority
    status: TicketStatus


class TicketWithLostWrites(Ticket):
    """A ticket, and what was lost of it."""

    lostWrites: list[LostTicketWrite] = []


class TicketPage(BaseModel):
    """One page of tickets, newest first. `NextToken` is there while there are more."""

    Items: list[Ticket]
    Count: int
    NextToken: str | None = None


class ShallowHealth(BaseModel):
    """A Region's own account of itself. 200 when it can serve, 503 when it cannot or is told not to."""

    status: Literal["healthy", "unhealthy", "out-of-service"]
    message: str
    region: str
    version: str


class TableHealth(BaseModel):
    """Whether the table answers."""

    reachable: bool
    milliseconds: int | None = None


class ReplicationHealth(BaseModel):
    """Whether the other Region's heartbeat still arrives."""

    peer: str | None
    state: Literal["current", "silent", "never-seen", "unknown"]
    lastHeartbeat: str | None = None
    ageSeconds: int | None = None


class DeepHealth(ShallowHealth):
    """With the table, the replication and the operator's switch."""

    table: TableHealth
    replication: ReplicationHealth
    writes: Literal["open", "fenced", "unknown"]


class ProblemDocument(BaseModel):
    """A refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None
    current: Ticket | None = None
