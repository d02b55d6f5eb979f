"""The statements of a task's role in one Region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leeward.infra.permissions.grants.permission import IamStatement, Permission
from leeward.infra.permissions.grants.resource_usage import RegionResources, TaskUsage, collect_task_usage
from leeward.infra.permissions.grants.shared_grants import grant_runtime
from leeward.infra.permissions.task_registry import ALWAYS_DEPLOYED, TASK_PERMISSIONS
from leeward.infra.permissions.trigger_roles import collect_trigger_usage
from leeward.state_machines.build import BuiltRunbook


def collect_permissions(
    region_resources: RegionResources, runbooks: Sequence[BuiltRunbook]
) -> dict[str, list[Permission]]:
    """By task, what it may do in the Region `at`; `readies` are the application's runbooks, of both Regions.

    Raises LookupError for a task that no declaration knows.
    """
    entering = [
        ready.compiled.definition for ready in runbooks if ready.compiled.run_regions.target == region_resources.region
    ]
    # In a Region that only looks, from outside of both, nothing is answered and nothing runs.
    standing = {
        task: TaskUsage(task, region_resources, ())
        for task in ALWAYS_DEPLOYED
        if region_resources.region in region_resources.application.regions.both
    }
    uses = standing | collect_task_usage(region_resources, entering) | collect_trigger_usage(region_resources, runbooks)
    return {task: _declared_permissions(use) for task, use in sorted(uses.items())}


def merge_statements(permissions: Sequence[Permission]) -> list[IamStatement]:
    """As IAM has them, each once, those with the same resources and conditions as one."""
    together: dict[str, Permission] = {}
    for each in permissions:
        key = f"{sorted(each.resources)} {each.to_statement().get('Condition')}"
        known = together.get(key)
        together[key] = replace(known, actions=tuple({*known.actions, *each.actions})) if known else each
    return [each.to_statement() for each in together.values() if each.resources]


def _declared_permissions(usage: TaskUsage) -> list[Permission]:
    declare = TASK_PERMISSIONS.get(usage.task)
    if declare is None:
        raise LookupError(f"no declaration in infra/permissions says what {usage.task} may do: add one to tasks.py")
    return [*grant_runtime(usage), *declare(usage)]
