"""`drs.servers`: a group of source servers that Elastic Disaster Recovery replicates, selected by tags or by IDs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, PositiveInt, model_validator

from leeward.state_machines.component_kinds.component_model import ComponentModel
from leeward.state_machines.fields.field_types import DocumentModel, Slug

# Source server IDs are `s-` and 17 hexadecimal digits (botocore's service model, shape SourceServerID).
_SERVER_ID_PATTERN = re.compile(r"s-[0-9a-zA-Z]{17}")
# A tag may contain letters, digits, spaces, and _.:/=+-@ (AWS tagging documentation). This also keeps `.$` out of keys,
# which a state machine would read as a path.
_TAG_PATTERN = re.compile(r"[\w .:/=+\-@]+")


def _check_server_id(text: str) -> str:
    if not _SERVER_ID_PATTERN.fullmatch(text):
        raise ValueError(f'"{text}" is not a source server id; expected s- and 17 letters or digits')
    return text


def _check_tag(text: str) -> str:
    if not _TAG_PATTERN.fullmatch(text):
        raise ValueError(f'"{text}" cannot be a tag; expected letters, digits, spaces and _.:/=+-@')
    return text


TagText = Annotated[str, AfterValidator(_check_tag)]


class ServerSelector(DocumentModel):
    """Selects the group's source servers: those that have all of `tags`, or those listed in `ids`."""

    tags: Mapping[TagText, TagText] | None = Field(None, description="Servers that have all of these tags")
    ids: tuple[Annotated[str, AfterValidator(_check_server_id)], ...] | None = Field(None, description="These servers")

    @model_validator(mode="after")
    def _check_selector(self) -> Self:
        if self.tags is not None and self.ids is not None:
            raise ValueError("a group is chosen by tags or by ids, not by both; expected one of them")
        if not self.tags and not self.ids:
            raise ValueError("the selector is empty and would match every server; expected tags or ids")
        if self.ids and len(set(self.ids)) < len(self.ids):
            raise ValueError("an id is listed twice; expected each once")
        return self


class ServerGroupComponent(ComponentModel):
    """A group of source servers that are recovered together."""

    kind: Literal["drs.servers"]
    servers: ServerSelector = Field(description="Which source servers: {tags: {key: value}} or {ids: [s-...]}")
    expect: PositiveInt | None = Field(
        None, description="The number of servers in the group. The run stops when fewer match"
    )
    after: tuple[Slug, ...] = Field((), description="Groups that must be running before this group is recovered")
