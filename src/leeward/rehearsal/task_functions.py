"""Which task a deployed function is: `leeward-website-drs-recover`, with or without its ARN and version."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pkgutil import iter_modules

from leeward import lambdas


def list_task_names() -> Iterator[str]:
    """The names of the tasks: one module of `lambdas` each."""
    for module in iter_modules(lambdas.__path__):
        if not module.ispkg:
            yield module.name


@cache
def find_task_name(function_name: str) -> str | None:
    """`drs_recover` of a function's name or ARN; None for one that is not Leeward's."""
    name = function_name.split(":")[6] if function_name.startswith("arn:") else function_name.partition(":")[0]
    if not name.startswith("leeward-"):
        return None
    found = [task for task in list_task_names() if name.endswith(f"-{task.replace('_', '-')}")]
    return max(found, key=len, default=None)
