"""An IAM permission: actions, resources, conditions, and a reason for wildcards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NotRequired, TypeAlias, TypedDict

# Operator -> key -> value, as in IAM: {"StringEquals": {"aws:ResourceTag/Application": "website"}}.
Conditions: TypeAlias = Mapping[str, Mapping[str, str | Sequence[str]]]
WILDCARD = "*"


class IamStatement(TypedDict):
    """A statement of an IAM policy."""

    Effect: str
    Action: list[str]
    Resource: list[str]
    Condition: NotRequired[dict[str, dict[str, str | list[str]]]]


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission of a task's role.

    `called_via` is the service that makes these calls with the role's credentials, or None when the task makes them.
    CloudTrail shows such calls, but a record of the task's own calls doesn't. `reason` is required for resources that
    end in `*`.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions = field(default_factory=dict)
    reason: str = ""
    called_via: str | None = None

    @property
    def is_wide(self) -> bool:
        """Return whether a resource contains a wildcard."""
        return any(WILDCARD in resource for resource in self.resources)

    def to_statement(self) -> IamStatement:
        """Return the IAM statement."""
        statement = IamStatement(Effect="Allow", Action=sorted(self.actions), Resource=sorted(self.resources))
        if self.conditions:
            statement["Condition"] = {
                operator: {key: value if isinstance(value, str) else list(value) for key, value in keys.items()}
                for operator, keys in self.conditions.items()
            }
        return statement


def merge_conditions(*conditions: Conditions) -> dict[str, dict[str, str | Sequence[str]]]:
    """Return one set of conditions that requires all of the given ones."""
    merged: dict[str, dict[str, str | Sequence[str]]] = {}
    for condition in conditions:
        for operator, keys in condition.items():
            merged.setdefault(operator, {}).update(keys)
    return merged
