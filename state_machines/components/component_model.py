"""What every component has."""

from __future__ import annotations

from pydantic import Field

from leeward.state_machines.fields.field_types import DocumentModel, ShortText


class ComponentModel(DocumentModel):
    """Base of the component models; each adds `kind` as a Literal."""

    description: ShortText | None = Field(None, description="What it is, for readers")
