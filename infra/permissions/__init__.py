"""The permissions of each task: one declaration per task, as plain IAM statements without CDK.

    grants/               the permission model, the resources that a task uses, and grants that tasks share
    tasks/                one declaration per task
    task_declarations.py  finds a task's declaration
    role_policy.py        the statements of a task's role in one Region
    trigger_roles.py      the roles that are not a task's

The documents determine a role. It names only the target groups, routing controls, tags, and Regions that the runbooks
pass to its task. `python -m leeward.infra permissions APP` prints the statements.
"""

from leeward.infra.permissions.grants.permission import IamStatement, Permission
from leeward.infra.permissions.grants.resource_usage import RegionResources, TaskUsage, collect_task_usage
from leeward.infra.permissions.role_policy import collect_permissions, merge_statements

__all__ = [
    "IamStatement",
    "Permission",
    "RegionResources",
    "TaskUsage",
    "collect_permissions",
    "collect_task_usage",
    "merge_statements",
]
