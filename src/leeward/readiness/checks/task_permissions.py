"""Check that the tasks' IAM roles allow the actions that the runbook needs, with IAM's policy simulation.

Without this check, a missing permission or a new service control policy shows only in the middle of a run.

IAM's control plane is in us-east-1. While it is unavailable, the result is `unknown`. The roles still work in every
Region (AWS Fault Isolation Boundaries, "Global services").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import AccessDenied, LeewardError, NotFound
from leeward.common.naming import resource_names
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok, unknown
from leeward.readiness.model.readiness_check import ReadinessCheck
from leeward.readiness.model.readiness_input import ReadinessInput, RequiredPermission

_ALLOWED = "allowed"
_DEPLOY = "redeploy: make deploy APP=<application> ENV=<environment>"


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Check each task's role for the actions that the runbook needs."""
    for task in sorted({grant.task for grant in inputs.grants}):
        task_grants = [grant for grant in inputs.grants if grant.task == task]
        try:
            yield _check_task(task, task_grants, inputs, clients)
        except LeewardError as error:
            action = "grant iam:SimulatePrincipalPolicy" if isinstance(error, AccessDenied) else "check again"
            fix = f"{action}; the roles themselves still work"
            yield unknown("permission.task", inputs.application, f"IAM can't simulate the policies ({error})", fix)
            return


def _check_task(
    task: str, grants: Sequence[RequiredPermission], inputs: ReadinessInput, clients: CheckClients
) -> ReadinessFinding:
    check, prefix = "permission.task", inputs.functions or f"{resource_names.application_prefix(inputs.application)}-"
    function = f"{prefix}{task.replace('_', '-')}"
    try:
        with translate_errors("lambda:GetFunctionConfiguration"):
            function_config = clients.client("lambda").get_function_configuration(FunctionName=function)
            role = str(function_config["Role"])
    except NotFound:
        return failed(check, task, f"the function {function} does not exist", _DEPLOY)
    denied = [action for grant in grants for action in _denied_actions(role, grant, clients)]
    if denied:
        fix = f"{_DEPLOY}; if the role is unchanged, check service control policies and permissions boundaries"
        return failed(check, task, f"{role.rpartition('/')[2]} may not {'; '.join(denied)}", fix)
    return ok(check, task, f"may {', '.join(sorted({grant.action for grant in grants}))}")


def _denied_actions(role: str, grant: RequiredPermission, clients: CheckClients) -> Iterator[str]:
    """Yield `sns:Publish on <arn> (implicitDeny)` for each resource that the role can't access."""
    context = [
        {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": _context_type(value)}
        for key, value in sorted(grant.context.items())
    ]
    with translate_errors("iam:SimulatePrincipalPolicy"):
        # One action per call, since IAM evaluates every action against every resource.
        results = clients.client("iam", "us-east-1").simulate_principal_policy(
            PolicySourceArn=role, ActionNames=[grant.action], ResourceArns=list(grant.resources), ContextEntries=context
        )["EvaluationResults"]
    for result in results:
        if result["EvalDecision"] != _ALLOWED:
            yield f"{grant.action} on {result.get('EvalResourceName', '*')} ({_denial_reason(result)})"


def _denial_reason(result: Mapping[str, Any]) -> str:
    if result.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations") is False:
        return "a service control policy denies it"
    if result.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary") is False:
        return "its permissions boundary denies it"
    missing = result.get("MissingContextValues")
    return f"{result['EvalDecision']}" + (f", without {', '.join(missing)}" if missing else "")


def _context_type(value: str) -> str:
    return "boolean" if value in ("true", "false") else "string"


CHECK = ReadinessCheck("permission", check)
