"""Policies: what their statements say of one request (IAM user guide, "Policy evaluation logic")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leeward.twin.policies.conditions import CannotJudge, Context, holds, like

_KNOWN = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}


@dataclass(frozen=True, slots=True)
class Request:
    """One action on one resource. `resource` is `*` for an action that knows none."""

    action: str
    resource: str
    context: Context


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of an identity-based policy."""

    allows: bool
    actions: tuple[str, ...]
    but_actions: tuple[str, ...]
    resources: tuple[str, ...]
    but_resources: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Statement:
        """Raises CannotJudge for an element that is not known."""
        strange = set(raw) - _KNOWN
        if strange:
            raise CannotJudge(f"the policy element {', '.join(sorted(strange))} is not known to the twin")
        listed = [_list(raw.get(name)) for name in ("Action", "NotAction", "Resource", "NotResource")]
        return cls(raw["Effect"] == "Allow", listed[0], listed[1], listed[2], listed[3], raw.get("Condition", {}))

    def applies(self, request: Request) -> bool:
        """Whether it speaks of this request. Raises CannotJudge."""
        return (
            self.names(request.action) and self._reaches(request.resource) and holds(self.conditions, request.context)
        )

    def names(self, action: str) -> bool:
        """Whether it speaks of this action; actions know no case."""
        action = action.lower()
        if self.but_actions:
            return not any(like(action, each.lower()) for each in self.but_actions)
        return any(like(action, each.lower()) for each in self.actions)

    def _reaches(self, resource: str) -> bool:
        if self.but_resources:
            return not any(like(resource, each) for each in self.but_resources)
        return any(like(resource, each) for each in self.resources)


@dataclass(frozen=True, slots=True)
class Judgement:
    """`by` is the number of the statement that decided; None where none spoke of the request."""

    allowed: bool
    by: int | None


def judge(statements: Sequence[Statement], request: Request) -> Judgement:
    """A denial decides; else one that allows; else it is denied. Raises CannotJudge."""
    allowing: int | None = None
    for number, statement in enumerate(statements):
        if statement.applies(request):
            if not statement.allows:
                return Judgement(False, number)
            allowing = number if allowing is None else allowing
    return Judgement(allowing is not None, allowing)


def statements_of(documents: Iterable[Mapping[str, Any]]) -> list[Statement]:
    """Of several policy documents, in order."""
    return [Statement.of(raw) for document in documents for raw in _statements(document)]


def _statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = document["Statement"]
    return listed if isinstance(listed, list) else [listed]


def _list(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    texts = tuple(str(each) for each in value) if isinstance(value, list) else (str(value),)
    if any("${" in text for text in texts):
        raise CannotJudge(f"the policy variable in {texts} is not known to the twin")
    return texts
