"""`route53.weighted_records`: one DNS name with a weighted record per Region."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from state_machines.components.base import ComponentModel
from state_machines.documents.fields import Duration, HostName, TextPerRegion


def _hosted_zone(text: str) -> str:
    if not re.fullmatch(r"Z[A-Z0-9]{1,31}", text):
        raise ValueError(f'"{text}" is not a hosted zone id; expected Z and up to 31 capital letters or digits')
    return text


class WeightedRecords(ComponentModel):
    """Two records of one name, whose weights share the users between the Regions."""

    kind: Literal["route53.weighted_records"]
    hosted_zone: Annotated[str, AfterValidator(_hosted_zone)] = Field(description="The hosted zone's id, Z...")
    record: HostName = Field(description="The records' DNS name")
    type: Literal["A", "CNAME"] = Field(description="The records' type")
    ttl: Duration = Field(description="The records' time to live")
    values: TextPerRegion = Field(description="What each Region's record answers: an address (A) or a name (CNAME)")
    set_identifiers: TextPerRegion = Field(description="Each Region's record's set identifier")
