"""One call of a task in a compiled state machine, and a permission that readiness asks IAM about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leeward.common.naming import resource_names
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.asl import Json, JsonObject


@dataclass(frozen=True, slots=True)
class ProbedCall:
    """One call of a task: its parameters, the run's target Region, and the application."""

    task: str
    parameters: Mapping[str, Any]
    region: str
    application: Application

    def grant(self, action: str, resources: list[Json], context: JsonObject | None = None) -> JsonObject:
        """Return a permission, as the JSON form of the grants in `readiness.model.readiness_input`."""
        return {"task": self.task, "action": action, "resources": resources, "context": context or {}}

    @property
    def table_grant(self) -> JsonObject:
        """Return the permission to write to the run's journal."""
        name = resource_names.table_name(self.application.application)
        return self.grant(
            "dynamodb:PutItem", [f"arn:aws:dynamodb:{self.region}:{self.application.account}:table/{name}"]
        )

    @property
    def topic_grant(self) -> JsonObject:
        """Return the permission to publish to the notification topic."""
        name = resource_names.topic_name(self.application.application)
        return self.grant("sns:Publish", [f"arn:aws:sns:{self.region}:{self.application.account}:{name}"])
