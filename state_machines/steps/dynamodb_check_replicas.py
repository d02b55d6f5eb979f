"""`dynamodb.check_replicas`: look, before anything is changed, whether the table in the target can take over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.single import one_call
from leeward.state_machines.compile.tables import table_json
from leeward.state_machines.components import GlobalTable
from leeward.state_machines.documents.fields import Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope


class CheckReplicas(StepModel):
    """The target's replica is ACTIVE and of the current version, with a stream and continuous backups, and it knows a
    replica in the origin. Asks the target alone: the origin may not answer."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=3)
    default_policy: ClassVar[str] = "ask"

    kind: Literal["dynamodb.check_replicas"]
    component: Slug = Field(description="The dynamodb.global_table component")


def check(step: CheckReplicas, scope: StepScope) -> Iterator[Problem]:
    """The table exists."""
    yield from scope.component(step.component, GlobalTable, "component")


def compile(step: CheckReplicas, context: Context) -> Fragment:
    """One call."""
    table = context.application.component(step.component, GlobalTable)
    parameters: JsonObject = {
        "table": table_json(table),
        "region": context.way.target,
        "other_region": context.way.origin,
        "point_in_time_recovery": table.point_in_time_recovery,
    }
    return one_call(context, "dynamodb_check_replicas", parameters, f"Look whether {context.way.target} has the table")


KIND = StepKind(CheckReplicas, compile, check=check)
