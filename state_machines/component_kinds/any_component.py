"""A component of any kind, as a pydantic type."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from leeward.kinds.registry import component_kinds
from leeward.state_machines.component_kinds.component_model import ComponentModel
from leeward.state_machines.fields.kind_union import KindUnion

AnyComponent: TypeAlias = Annotated[ComponentModel, KindUnion(component_kinds)]
