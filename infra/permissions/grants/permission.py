"""A permission: actions, resources, conditions, and why where it is wide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NotRequired, TypeAlias, TypedDict

# Operator -> key -> value, as in IAM: {"StringEquals": {"aws:ResourceTag/Application": "website"}}.
Conditions: TypeAlias = Mapping[str, Mapping[str, str | Sequence[str]]]
WILDCARD = "*"


class IamStatement(TypedDict):
    """One statement of an IAM policy."""

    Effect: str
    Action: list[str]
    Resource: list[str]
    Condition: NotRequired[dict[str, dict[str, str | list[str]]]]


@dataclass(frozen=True, slots=True)
class Permission:
    """`through` names the service that makes these calls with the role's credentials, where it is not the task itself:
    such calls are seen in CloudTrail, but in no record of what the task calls. `why` is needed for resources that end
    in `*`."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions = field(default_factory=dict)
    reason: str = ""
    called_via: str | None = None

    @property
    def is_wide(self) -> bool:
        """Whether it reaches further than resources that are named."""
        return any(WILDCARD in resource for resource in self.resources)

    def to_statement(self) -> IamStatement:
        """As IAM has it."""
        made = IamStatement(Effect="Allow", Action=sorted(self.actions), Resource=sorted(self.resources))
        if self.conditions:
            made["Condition"] = {
                operator: {key: value if isinstance(value, str) else list(value) for key, value in keys.items()}
                for operator, keys in self.conditions.items()
            }
        return made


def merge_conditions(*conditions: Conditions) -> dict[str, dict[str, str | Sequence[str]]]:
    """All of these conditions at once."""
    together: dict[str, dict[str, str | Sequence[str]]] = {}
    for condition in conditions:
        for operator, keys in condition.items():
            together.setdefault(operator, {}).update(keys)
    return together
