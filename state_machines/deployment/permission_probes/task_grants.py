"""The permissions that readiness verifies, read from a runbook's compiled state machine.

Readiness asks IAM about the deployed roles as they are. `probed_permissions` says what it asks for each task.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from leeward.base.import_paths import load
from leeward.kinds.registry import step_tasks
from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.deployment.permission_probes.probed_call import ProbedCall
from leeward.state_machines.fragments.lambda_tasks import function_name

_FUNCTION_PREFIX = function_name("")
# The tasks of the run itself that are probed. Step kinds declare theirs.
_RUN_TASKS = ("ask", "run_end")
TaskParameters: TypeAlias = Mapping[str, Any]


def list_grants(built: BuiltRunbook) -> list[Json]:
    """Return one runbook's task permissions, as the JSON form of the grants in `readiness.model.readiness_input`."""
    grants: dict[str, Json] = {}
    for task, parameters in _find_invocations(built.compiled.definition):
        call = ProbedCall(task, parameters, built.compiled.run_regions.target, built.application)
        for grant in _probe(call):
            grants[str(sorted(grant.items()))] = grant
    return [grants[key] for key in sorted(grants)]


def _probe(call: ProbedCall) -> Iterator[JsonObject]:
    yield call.table_grant
    task = step_tasks().get(call.task)
    path = task.probed_permissions if task is not None else None
    if call.task in _RUN_TASKS:
        path = f"leeward.state_machines.deployment.permission_probes.tasks.{call.task}:probed_permissions"
    if path is not None:
        yield from load(path)(call)


def _find_invocations(value: Any) -> Iterator[tuple[str, TaskParameters]]:
    if isinstance(value, Mapping):
        call = value.get("Parameters", {}) if value.get("Type") == "Task" else {}
        if str(call.get("FunctionName", "")).startswith(_FUNCTION_PREFIX):
            task = call["FunctionName"].removeprefix(_FUNCTION_PREFIX).replace("-", "_")
            yield task, call.get("Payload", {}).get("parameters", {})
        for inner in value.values():
            yield from _find_invocations(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _find_invocations(inner)
