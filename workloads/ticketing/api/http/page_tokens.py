"""The token for the next page: opaque to clients, and harmless when forged."""

# ruff: noqa: N815 - the contract defines the names
from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from workloads.ticketing.api.contract.models import TicketId
from workloads.ticketing.api.contract.problems import InvalidRequest

NextToken = Annotated[str, StringConstraints(min_length=1, max_length=400, pattern=r"^[A-Za-z0-9_=-]+$")]


class _PageKey(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: TicketId
    createdOn: Annotated[str, StringConstraints(min_length=1, max_length=40)]


def encode_page_token(key: dict[str, str]) -> str:
    """Return the token of a position in the index."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode()


def decode_page_token(token: str) -> dict[str, str]:
    """Return the position of a token: a ticket, but never its owner. Raises InvalidRequest."""
    try:
        return _PageKey.model_validate_json(base64.urlsafe_b64decode(token)).model_dump()
    except (binascii.Error, ValueError, ValidationError):
        raise InvalidRequest(
            "`next` is not a token of this API", errors=[{"in": "query", "field": "next", "problem": "not a token"}]
        ) from None
