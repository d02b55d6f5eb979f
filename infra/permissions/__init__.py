"""What each task may do: one declaration per task, as plain IAM statements. Knows nothing of CDK.

    model   a permission: actions, resources, conditions, and why where it is wide
    uses    which resources a task is handed, read from the application's own state machines
    tasks   the declarations, by task: recovery, traffic, run
    policy  the statements of a task's role in one Region

A role follows from the documents: it names the target groups, routing controls, tags and Regions that the runbooks hand
to its task, and nothing else. `python -m leeward.infra permissions APP` prints them.
"""

from leeward.infra.permissions.grants.permission import IamStatement, Permission
from leeward.infra.permissions.grants.resource_usage import RegionResources, TaskUsage, collect_task_usage
from leeward.infra.permissions.role_policy import collect_permissions, merge_statements
from leeward.infra.permissions.task_registry import TASK_PERMISSIONS

__all__ = [
    "TASK_PERMISSIONS",
    "IamStatement",
    "Permission",
    "RegionResources",
    "TaskUsage",
    "collect_permissions",
    "collect_task_usage",
    "merge_statements",
]
