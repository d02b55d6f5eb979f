"""Field types that several documents share. Each raises a ValueError that says what was expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from leeward.base import durations
from leeward.base.arns import Arn

# With the longest suffix of a state name, this stays within Step Functions' limit of 80 characters.
MAX_STEP_NAME_LENGTH = 60
MAX_SLUG_LENGTH = 40
_REGION_PATTERN = re.compile(r"[a-z]{2}(-[a-z]+){1,2}-\d")


class DocumentModel(BaseModel):
    """Base of every model that is read from YAML. It rejects unknown keys, converts no types, and is immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


_DURATION_FORMAT = "expected whole numbers with d, h, m or s, such as 45s, 15m or 1h30m"


def _parse_duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a duration; {_DURATION_FORMAT}")
    try:
        return durations.parse_duration(value)
    except ValueError as error:
        raise ValueError(str(error).partition(";")[0] + f"; {_DURATION_FORMAT}") from None


def _require_positive(span: timedelta) -> timedelta:
    if not span:
        raise ValueError("the duration is zero; expected a longer one, such as 15m")
    return span


DurationOrZero = Annotated[
    timedelta,
    BeforeValidator(_parse_duration),
    PlainSerializer(durations.format_duration, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(\d+d)?(\d+h)?(\d+m)?(\d+s)?$",
            "examples": ["45s", "15m", "1h30m"],
        }
    ),
]
Duration = Annotated[DurationOrZero, AfterValidator(_require_positive)]


def text_matching(pattern: str, expected: str) -> Callable[[str], str]:
    """Return a validator that requires the whole text to match `pattern`. `expected` describes a valid text."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(f'"{text}" does not fit; expected {expected}')
        return text

    return check


Slug = Annotated[
    str,
    AfterValidator(text_matching(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "a name of small letters, digits and single hyphens")),
    Field(max_length=MAX_SLUG_LENGTH),
    WithJsonSchema({"type": "string", "pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "maxLength": MAX_SLUG_LENGTH}),
]
RegionName = Annotated[
    str,
    AfterValidator(text_matching(_REGION_PATTERN.pattern, "the name of an AWS Region such as us-west-2")),
    WithJsonSchema(
        {"type": "string", "pattern": f"^{_REGION_PATTERN.pattern}$", "examples": ["us-east-1", "us-west-2"]}
    ),
]
AccountId = Annotated[
    str,
    AfterValidator(text_matching(r"\d{12}", "an account id of 12 digits")),
    WithJsonSchema({"type": "string", "pattern": r"^\d{12}$", "examples": ["111122223333"]}),
]
StepName = Annotated[
    str,
    AfterValidator(text_matching(r"[^\s\x00-\x1f\x7f](.*[^\s\x00-\x1f\x7f])?", "one line without spaces around it")),
    Field(max_length=MAX_STEP_NAME_LENGTH),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_STEP_NAME_LENGTH}),
]
ShortText = Annotated[str, Field(min_length=1, max_length=1000)]
HostName = Annotated[
    str,
    AfterValidator(text_matching(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+", "a host name such as www.example.com")),
    WithJsonSchema({"type": "string", "examples": ["www.example.com"]}),
]
HostedZone = Annotated[
    str, AfterValidator(text_matching(r"Z[A-Z0-9]{1,31}", "a hosted zone id: Z and up to 31 capital letters or digits"))
]
Url = Annotated[
    str,
    AfterValidator(
        text_matching(r"https?://[A-Za-z0-9.-]+(:\d+)?(/[^\s?#]*)?", "a URL such as https://www.example.com")
    ),
    WithJsonSchema({"type": "string", "pattern": "^https?://", "examples": ["https://www.example.com"]}),
]


def _check_arn(text: str) -> str:
    Arn.parse(text)
    return text


ArnText = Annotated[
    str, AfterValidator(_check_arn), WithJsonSchema({"type": "string", "pattern": "^arn:(aws|aws-cn|aws-us-gov):"})
]
_PER_REGION = Field(min_length=1, max_length=10)
ArnPerRegion = Annotated[Mapping[RegionName, ArnText], _PER_REGION]
TextPerRegion = Annotated[Mapping[RegionName, ShortText], _PER_REGION]


def _parse_point_in_time(text: str) -> str:
    if text == "latest":
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f'"{text}" is not a point in time; expected latest, or a time such as 2026-03-01T09:00:00Z'
        ) from None
    if moment.tzinfo is None:
        raise ValueError(f'"{text}" has no time zone; expected Z at its end, for UTC, or another zone')
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


PointInTime = Annotated[
    str,
    AfterValidator(_parse_point_in_time),
    WithJsonSchema({"anyOf": [{"const": "latest"}, {"type": "string", "format": "date-time"}]}),
]
