"""Evaluates the statements of IAM policies for one request (IAM user guide, "Policy evaluation logic")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leeward.twin.policies.evaluation.policy_conditions import (
    ConditionContext,
    UnsupportedPolicy,
    conditions_hold,
    matches_wildcard,
)

_KNOWN_ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """One action on one resource. `resource` is `*` for an action without resource types."""

    action: str
    resource: str
    context: ConditionContext


@dataclass(frozen=True, slots=True)
class PolicyStatement:
    """One statement of an identity-based policy."""

    allows: bool
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, Any]]

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> PolicyStatement:
        """Read a statement. Raises UnsupportedPolicy for an unknown element."""
        unknown_elements = set(raw) - _KNOWN_ELEMENTS
        if unknown_elements:
            raise UnsupportedPolicy(
                f"the policy element {', '.join(sorted(unknown_elements))} is not known to the twin"
            )
        listed = [_as_tuple(raw.get(name)) for name in ("Action", "NotAction", "Resource", "NotResource")]
        return cls(raw["Effect"] == "Allow", listed[0], listed[1], listed[2], listed[3], raw.get("Condition", {}))

    def applies_to(self, request: AuthorizationRequest) -> bool:
        """Return whether the statement applies to the request. Raises UnsupportedPolicy."""
        return (
            self.covers_action(request.action)
            and self._covers_resource(request.resource)
            and conditions_hold(self.conditions, request.context)
        )

    def covers_action(self, action: str) -> bool:
        """Return whether the statement covers the action. Actions are case-insensitive."""
        action = action.lower()
        if self.not_actions:
            return not any(matches_wildcard(action, each.lower()) for each in self.not_actions)
        return any(matches_wildcard(action, each.lower()) for each in self.actions)

    def _covers_resource(self, resource: str) -> bool:
        if self.not_resources:
            return not any(matches_wildcard(resource, each) for each in self.not_resources)
        return any(matches_wildcard(resource, each) for each in self.resources)


@dataclass(frozen=True, slots=True)
class PolicyDecision:
    """The result of an evaluation. `statement_index` is the statement that decided, or None if no statement applied."""

    allowed: bool
    statement_index: int | None


def evaluate_statements(statements: Sequence[PolicyStatement], request: AuthorizationRequest) -> PolicyDecision:
    """Evaluate the statements: a deny decides, then an allow, and without either the request is denied.

    Raises UnsupportedPolicy.
    """
    allowing: int | None = None
    for number, statement in enumerate(statements):
        if statement.applies_to(request):
            if not statement.allows:
                return PolicyDecision(False, number)
            allowing = number if allowing is None else allowing
    return PolicyDecision(allowing is not None, allowing)


def read_statements(documents: Iterable[Mapping[str, Any]]) -> list[PolicyStatement]:
    """Return the statements of several policy documents, in order."""
    return [PolicyStatement.from_json(raw) for document in documents for raw in _list_statements(document)]


def _list_statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = document["Statement"]
    return listed if isinstance(listed, list) else [listed]


def _as_tuple(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    texts = tuple(str(each) for each in value) if isinstance(value, list) else (str(value),)
    if any("${" in text for text in texts):
        raise UnsupportedPolicy(f"the policy variable in {texts} is not known to the twin")
    return texts
