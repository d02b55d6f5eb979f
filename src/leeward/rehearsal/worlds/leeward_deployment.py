"""Leeward as its synthesized templates deploy it: its own stacks, task functions, state machines, and journal table."""

from __future__ import annotations

import json
from typing import Any

from leeward.common.naming.resource_names import PREFIX
from leeward.kinds.registry import task_handler
from leeward.rehearsal.task_functions import find_task_name, list_task_names
from leeward.twin.errors import TwinError
from leeward.twin.templates.cloud_assembly import CloudAssembly
from leeward.twin.templates.template_deployment import TemplateDeployment, environment_variables

# The twin shows no logs and doesn't simulate the services that receive traces and metrics.
_QUIET_ENVIRONMENT = {
    "POWERTOOLS_TRACE_DISABLED": "true",
    "POWERTOOLS_METRICS_DISABLED": "true",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}


class LeewardDeployment(TemplateDeployment):
    """Deploys Leeward's own stacks. A sample application that has stacks of its own is built by its workload."""

    def __init__(self, assembly: CloudAssembly) -> None:
        super().__init__(
            assembly,
            own_stacks=assembly.select_stacks(f"{PREFIX}-"),
            is_own_handler=_is_task_handler,
            extra_environment=_QUIET_ENVIRONMENT,
        )

    def require_same_machine(self, name: str, compiled: str) -> None:
        """Raise TwinError unless the state machine `name` equals `compiled` (ASL), except for function names."""
        _, deployed = self.find_state_machine(name)
        if json.loads(deployed, object_hook=_replace_function_names) != json.loads(
            compiled, object_hook=_replace_function_names
        ):
            raise TwinError(
                f"the state machine {name} in the synthesized templates does not match its documents. "
                "Run `make synth` again"
            )

    def journal_table_name(self) -> str:
        """Return the name of the journal table from the functions' environments.

        Raises TwinError when they don't name exactly one table.
        """
        environments = [environment_variables(function) for function in self.handler_functions()]
        names = {environment["LEEWARD_TABLE"] for environment in environments if environment.get("LEEWARD_TABLE")}
        if len(names) != 1:
            listed = ", ".join(sorted(names))
            raise TwinError(f"the functions' environments name {len(names)} journal tables instead of 1: {listed}")
        return names.pop()


def _is_task_handler(handler: str) -> bool:
    """Return whether `handler`, as Lambda writes it, is the handler of a task."""
    return handler in {task_handler(task).replace(":", ".") for task in list_task_names()}


def _replace_function_names(value: dict[str, Any]) -> dict[str, Any]:
    """Replace a function name in a state's parameters with the name of its task."""
    if "FunctionName" in value:
        name = str(value["FunctionName"])
        value["FunctionName"] = find_task_name(name) or name.removesuffix(":1").rpartition(":")[2]
    return value
