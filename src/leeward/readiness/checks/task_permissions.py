"""Would the roles of the tasks let them do what the runbook needs? IAM is asked to simulate it; nothing is done.

A role that somebody has narrowed, or a service control policy that was put on the account, shows only in the middle of
a run. IAM's control plane is in us-east-1: while it is dark nobody can be asked, which is told as unknown. The roles
themselves are in force in every Region all the same (AWS Fault Isolation Boundaries, "Global services").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import AccessDenied, LeewardError, NotFound
from leeward.common.naming import resource_names
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok, unknown
from leeward.readiness.model.readiness_input import ReadinessInput, RequiredPermission

_ALLOWED = "allowed"
_DEPLOY = "deploy again: make deploy APP=<application> ENV=<environment>"


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Each task's role, with the actions that the runbook needs of it."""
    for task in sorted({grant.task for grant in inputs.grants}):
        own = [grant for grant in inputs.grants if grant.task == task]
        try:
            yield _check_task(task, own, inputs, clients)
        except LeewardError as error:
            mend = "grant iam:SimulatePrincipalPolicy" if isinstance(error, AccessDenied) else "look again"
            fix = f"{mend}; the roles themselves are in force all the same"
            yield unknown("permission.task", inputs.application, f"IAM could not be asked ({error})", fix)
            return


def _check_task(
    task: str, grants: Sequence[RequiredPermission], inputs: ReadinessInput, clients: CheckClients
) -> ReadinessFinding:
    check, prefix = "permission.task", inputs.functions or f"{resource_names.application_prefix(inputs.application)}-"
    function = f"{prefix}{task.replace('_', '-')}"
    try:
        with translate_errors("lambda:GetFunctionConfiguration"):
            told = clients.client("lambda").get_function_configuration(FunctionName=function)
            role = str(told["Role"])
    except NotFound:
        return failed(check, task, f"there is no function {function}", _DEPLOY)
    denied = [word for grant in grants for word in _denied_actions(role, grant, clients)]
    if denied:
        fix = f"{_DEPLOY}; where the role is as deployed, look for a service control policy or a boundary"
        return failed(check, task, f"{role.rpartition('/')[2]} may not {'; '.join(denied)}", fix)
    return ok(check, task, f"may {', '.join(sorted({grant.action for grant in grants}))}")


def _denied_actions(role: str, grant: RequiredPermission, clients: CheckClients) -> Iterator[str]:
    """`sns:Publish on <arn> (implicitDeny)`, for each resource that the role does not reach."""
    context = [
        {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": _context_type(value)}
        for key, value in sorted(grant.context.items())
    ]
    with translate_errors("iam:SimulatePrincipalPolicy"):
        # One action at a time: IAM judges each action on each resource that it is given.
        results = clients.client("iam", "us-east-1").simulate_principal_policy(
            PolicySourceArn=role, ActionNames=[grant.action], ResourceArns=list(grant.resources), ContextEntries=context
        )["EvaluationResults"]
    for result in results:
        if result["EvalDecision"] != _ALLOWED:
            yield f"{grant.action} on {result.get('EvalResourceName', '*')} ({_denial_reason(result)})"


def _denial_reason(result: Mapping[str, Any]) -> str:
    if result.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations") is False:
        return "a service control policy forbids it"
    if result.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary") is False:
        return "its boundary forbids it"
    missing = result.get("MissingContextValues")
    return f"{result['EvalDecision']}" + (f", without {', '.join(missing)}" if missing else "")


def _context_type(value: str) -> str:
    return "boolean" if value in ("true", "false") else "string"
