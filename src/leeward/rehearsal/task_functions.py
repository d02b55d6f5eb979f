"""Maps the names and ARNs of Lambda functions to the tasks that they run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pkgutil import iter_modules

from leeward import lambdas
from leeward.kinds.registry import step_tasks


def list_task_names() -> Iterator[str]:
    """Yield the name of each task: Leeward's own, one module of `leeward.lambdas` each, and those of plug-ins."""
    own = {module.name for module in iter_modules(lambdas.__path__) if not module.ispkg}
    yield from sorted(own | step_tasks().keys())


@cache
def find_task_name(function_name: str) -> str | None:
    """Return the task that a function runs, or None if the function isn't Leeward's.

    `function_name` is a name or an ARN, with or without a version: `leeward-website-drs-recover` runs `drs_recover`.
    """
    name = function_name.split(":")[6] if function_name.startswith("arn:") else function_name.partition(":")[0]
    if not name.startswith("leeward-"):
        return None
    matches = [task for task in list_task_names() if name.endswith(f"-{task.replace('_', '-')}")]
    return max(matches, key=len, default=None)
