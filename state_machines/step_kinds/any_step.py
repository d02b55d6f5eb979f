"""A step of any kind, as a pydantic type."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from leeward.kinds.registry import step_kinds
from leeward.state_machines.fields.kind_union import KindUnion
from leeward.state_machines.step_kinds.step_model import StepModel

AnyStep: TypeAlias = Annotated[StepModel, KindUnion(step_kinds)]
