"""Base model of all components."""

from __future__ import annotations

from pydantic import Field

from leeward.state_machines.fields.field_types import DocumentModel, ShortText


class ComponentModel(DocumentModel):
    """Base of the component models. Each model narrows `kind` to a Literal and adds its own fields."""

    kind: str
    description: ShortText | None = Field(None, description="A short description of the component")
