"""Strict parsing of AWS responses: an unknown value is an error and never guessed at."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from leeward.common.errors import SurprisingAnswer


class AwsResponse(BaseModel):
    """Base class for models of the parts of a response that are used. Other members are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


ResponseT = TypeVar("ResponseT", bound=AwsResponse)


def parse_response(model: type[ResponseT], response: object, call: str) -> ResponseT:
    """Parse `response` as a `model`. `call` is `service:Operation`.

    Raises SurprisingAnswer that names the member and its value.
    """
    try:
        return model.model_validate(response)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the response"
        value = repr(first.get("input"))[:200]
        raise SurprisingAnswer(f"{call}: {place} is {value}: {first['msg']}") from error
