"""The IAM statements of each task's role in one Region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leeward.infra.permissions.grants.permission import IamStatement, Permission
from leeward.infra.permissions.grants.resource_usage import RegionResources, TaskUsage, collect_task_usage
from leeward.infra.permissions.grants.shared_grants import grant_runtime
from leeward.infra.permissions.task_declarations import ALWAYS_DEPLOYED, declared_permissions
from leeward.infra.permissions.trigger_roles import collect_trigger_usage
from leeward.state_machines.build import BuiltRunbook


def collect_permissions(
    region_resources: RegionResources, runbooks: Sequence[BuiltRunbook]
) -> dict[str, list[Permission]]:
    """Return the permissions of each task in a Region. `runbooks` are the application's runbooks of both Regions.

    Raises LookupError for a task without a declaration.
    """
    entering = [
        built.compiled.definition for built in runbooks if built.compiled.run_regions.target == region_resources.region
    ]
    # A third Region only probes the origin. No runbook runs there, and no question is answered there.
    always_deployed = {
        task: TaskUsage(task, region_resources, ())
        for task in ALWAYS_DEPLOYED
        if region_resources.region in region_resources.application.regions.both
    }
    usages = (
        always_deployed
        | collect_task_usage(region_resources, entering)
        | collect_trigger_usage(region_resources, runbooks)
    )
    return {task: [*grant_runtime(usage), *declared_permissions(usage)] for task, usage in sorted(usages.items())}


def merge_statements(permissions: Sequence[Permission]) -> list[IamStatement]:
    """Return the IAM statements without duplicates. Permissions with equal resources and conditions become one
    statement.
    """
    merged: dict[str, Permission] = {}
    for each in permissions:
        key = f"{sorted(each.resources)} {each.to_statement().get('Condition')}"
        known = merged.get(key)
        merged[key] = replace(known, actions=tuple({*known.actions, *each.actions})) if known else each
    return [each.to_statement() for each in merged.values() if each.resources]
