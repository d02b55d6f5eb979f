"""Every call of every deployed function, judged by the role that the templates give it, and remembered by task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from leeward.twin.errors import TwinError
from leeward.twin.policies.conditions import CannotJudge, Context
from leeward.twin.policies.document import Request, Statement, judge, statements_of
from leeward.twin.policies.resources import UNSIGNED, Place, action_of, requests
from leeward.twin.policies.tags import tags_of
from leeward.twin.tasks import task_of
from leeward.twin.templates.assembly import Assembly, Resource
from leeward.twin.wire.calls import Target

ROLE, POLICY, MANAGED = "AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"


@dataclass(frozen=True, slots=True)
class Used:
    """A permission that was needed and given."""

    task: str
    region: str
    action: str
    resource: str


@dataclass(frozen=True, slots=True)
class Denied:
    """A call that the role does not allow."""

    function: str
    region: str
    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.function} in {self.region} may not {self.action} on {self.resource}"


@dataclass
class Guard:
    """`roles`: the statements of each function, by its Region and name."""

    account: str
    roles: Mapping[tuple[str, str], list[Statement]]
    used: set[Used] = field(default_factory=set)
    denied: list[Denied] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)
    """What could not be judged: the call then fails with CannotJudge."""
    by_role: Mapping[str, list[Statement]] = field(default_factory=dict)
    """The statements of each role, by its ARN."""

    @classmethod
    def of(cls, assembly: Assembly, functions: Iterable[Resource]) -> Guard:
        """The roles that the templates give. Raises TwinError for a function whose role is in none of them."""
        policies = _policies(assembly)
        by_role: dict[str, list[Statement]] = {}
        found: dict[tuple[str, str], list[Statement]] = {}
        account = ""
        for function in functions:
            role = str(function.properties["Role"])
            if role not in policies:
                raise TwinError(f"{function.name}: its role {role} is in none of the templates")
            found[function.region, function.name] = by_role[role] = statements_of(policies[role])
            account = function.stack.account
        return cls(account, found, by_role=by_role)

    def __call__(self, function: str, region: str, target: Target, given: Mapping[str, Any]) -> bool:
        """Whether the function's role in `region` allows the call. Raises CannotJudge."""
        statements = self.roles.get((region, function))
        action = action_of(target.service, target.operation)
        if statements is None or action in UNSIGNED:
            return True  # a team's own function, or a call that asks nobody
        place, tags = Place(target.region, self.account), partial(tags_of, self.account)
        try:
            return self._judge(function, region, statements, requests(action, given, place, tags))
        except CannotJudge as error:
            self.unjudged.append(str(error))
            raise

    def simulate(self, role: str, action: str, resource: str, context: Context) -> bool:
        """What IAM's simulation says: whether the role would be allowed; nothing is done, and nothing remembered."""
        told = {"aws:resourceaccount": [self.account], **context}
        return role in self.by_role and judge(self.by_role[role], Request(action, resource, told)).allowed

    def _judge(self, function: str, region: str, statements: Sequence[Statement], asked: Iterable[Request]) -> bool:
        for request in asked:
            if not judge(statements, request).allowed:
                self.denied.append(Denied(function, region, request.action, request.resource))
                return False
            self.used.add(Used(task_of(function) or function, region, request.action, request.resource))
        return True


def _policies(assembly: Assembly) -> dict[str, list[Mapping[str, Any]]]:
    """The policy documents of each role, by its ARN: inline ones, and those that are attached to it."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    by_name: dict[str, str] = {}
    for role in assembly.resources(ROLE):
        found[role.arn] = [each["PolicyDocument"] for each in role.properties.get("Policies", ())]
        by_name[role.name] = role.arn
    for policy in assembly.resources(POLICY, MANAGED):
        for name in policy.properties.get("Roles", ()):
            found[by_name[name]].append(policy.properties["PolicyDocument"])
    return found
