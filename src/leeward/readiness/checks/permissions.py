"""Would the roles of the tasks let them do what the runbook needs? IAM is asked to simulate it; nothing is done.

A role that somebody has narrowed, or a service control policy that was put on the account, shows only in the middle of
a run. IAM's control plane is in us-east-1: while it is dark nobody can be asked, which is told as unknown. The roles
themselves are in force in every Region all the same (AWS Fault Isolation Boundaries, "Global services").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leeward.common import names
from leeward.common.aws import naming_errors
from leeward.common.errors import AccessDenied, LeewardError, NotFound
from leeward.readiness.findings import Finding, failed, ok, unknown
from leeward.readiness.reach import Reach
from leeward.readiness.subject import Grant, Subject

_ALLOWED = "allowed"
_DEPLOY = "deploy again: make deploy APP=<application> ENV=<environment>"


def look(subject: Subject, reach: Reach) -> Iterator[Finding]:
    """Each task's role, with the actions that the runbook needs of it."""
    for task in sorted({grant.task for grant in subject.grants}):
        own = [grant for grant in subject.grants if grant.task == task]
        try:
            yield _task(task, own, subject, reach)
        except LeewardError as error:
            mend = "grant iam:SimulatePrincipalPolicy" if isinstance(error, AccessDenied) else "look again"
            fix = f"{mend}; the roles themselves are in force all the same"
            yield unknown("permission.task", subject.application, f"IAM could not be asked ({error})", fix)
            return


def _task(task: str, grants: Sequence[Grant], subject: Subject, reach: Reach) -> Finding:
    check, prefix = "permission.task", subject.functions or f"{names.of_application(subject.application)}-"
    function = f"{prefix}{task.replace('_', '-')}"
    try:
        with naming_errors("lambda:GetFunctionConfiguration"):
            told = reach.of("lambda").get_function_configuration(FunctionName=function)
            role = str(told["Role"])
    except NotFound:
        return failed(check, task, f"there is no function {function}", _DEPLOY)
    denied = [word for grant in grants for word in _denied(role, grant, reach)]
    if denied:
        fix = f"{_DEPLOY}; where the role is as deployed, look for a service control policy or a boundary"
        return failed(check, task, f"{role.rpartition('/')[2]} may not {'; '.join(denied)}", fix)
    return ok(check, task, f"may {', '.join(sorted({grant.action for grant in grants}))}")


def _denied(role: str, grant: Grant, reach: Reach) -> Iterator[str]:
    """`sns:Publish on <arn> (implicitDeny)`, for each resource that the role does not reach."""
    context = [
        {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": _kind(value)}
        for key, value in sorted(grant.context.items())
    ]
    with naming_errors("iam:SimulatePrincipalPolicy"):
        # One action at a time: IAM judges each action on each resource that it is given.
        results = reach.of("iam", "us-east-1").simulate_principal_policy(
            PolicySourceArn=role, ActionNames=[grant.action], ResourceArns=list(grant.resources), ContextEntries=context
        )["EvaluationResults"]
    for result in results:
        if result["EvalDecision"] != _ALLOWED:
            yield f"{grant.action} on {result.get('EvalResourceName', '*')} ({_why(result)})"


def _why(result: Mapping[str, Any]) -> str:
    if result.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations") is False:
        return "a service control policy forbids it"
    if result.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary") is False:
        return "its boundary forbids it"
    missing = result.get("MissingContextValues")
    return f"{result['EvalDecision']}" + (f", without {', '.join(missing)}" if missing else "")


def _kind(value: str) -> str:
    return "boolean" if value in ("true", "false") else "string"
