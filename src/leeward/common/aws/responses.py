"""AWS's answers, read strictly: what this code does not know is an error, never a guess."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from leeward.common.errors import SurprisingAnswer


class AwsResponse(BaseModel):
    """Base of the models of the parts of an answer that are relied on; the other members are left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)


ResponseT = TypeVar("ResponseT", bound=AwsResponse)


def parse_response(model: type[ResponseT], response: object, call: str) -> ResponseT:
    """`answer` as a `model`. `call` is `service:Operation`. Raises SurprisingAnswer naming the member and its value."""
    try:
        return model.model_validate(response)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the answer"
        given = repr(first.get("input"))[:200]
        raise SurprisingAnswer(f"{call}: {place} is {given}: {first['msg']}") from error
