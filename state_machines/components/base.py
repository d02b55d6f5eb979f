"""What every component has."""

from __future__ import annotations

from pydantic import Field

from leeward.state_machines.documents.fields import Document, Line


class ComponentModel(Document):
    """Base of the component models; each adds `kind` as a Literal."""

    description: Line | None = Field(None, description="What it is, for readers")
