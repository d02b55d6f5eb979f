"""Finds the function that declares a task's permissions. A task without a declaration can't be deployed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

from leeward.base.import_paths import BrokenImportPath, load
from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.kinds.registry import step_tasks

PermissionDeclaration: TypeAlias = Callable[[TaskUsage], list[Permission]]

_FOLDER = "leeward.infra.permissions.tasks"
# Called by an operator or by AWS instead of a state machine, so they are deployed in every Region of every application.
ALWAYS_DEPLOYED = ("answer",)


def declared_permissions(usage: TaskUsage) -> list[Permission]:
    """Return the permissions that a task needs for its work. Raises LookupError for a task without a declaration."""
    task = step_tasks().get(usage.task)
    path = task.permissions if task is not None else f"{_FOLDER}.{usage.task}:permissions"
    try:
        declare = cast("PermissionDeclaration", load(path))
    except BrokenImportPath as error:
        raise LookupError(f"{usage.task} has no permission declaration: {error}") from error
    return declare(usage)
