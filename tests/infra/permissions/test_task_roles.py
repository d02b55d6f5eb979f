"""Roles: what each task does, on the application's own resources, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest

from leeward.infra.__main__ import main
from leeward.infra.inputs.deployment_plan import DeploymentPlan, load_plan
from leeward.infra.permissions import Permission, RegionResources, collect_permissions, merge_statements
from leeward.infra.permissions.trigger_roles import list_probe_regions
from leeward.infra.synthesis.template_cache import synthesize
from leeward.rehearsal.roles.task_roles import task_statements
from leeward.rehearsal.task_functions import find_task_name
from leeward.rehearsal.worlds.leeward_deployment import LeewardDeployment
from leeward.twin.policies.evaluation.action_rules import ACTION_RULES
from leeward.twin.policies.evaluation.policy_conditions import conditions_hold
from leeward.twin.policies.evaluation.policy_documents import read_statements
from leeward.twin.policies.template_roles import read_function_roles
from leeward.twin.templates.cloud_assembly import CloudAssembly
from tests.support.authorization_reference import ACTIONS_WITHOUT_RESOURCE, service_authorization_reference
from tests.support.nonempty import nonempty

APPLICATIONS = ("website", "ticketing")
# What IAM takes inline in one role, over all policies (IAM and STS quotas).
INLINE_LIMIT = 10_240


@cache
def deployment_plan_of(application: str) -> DeploymentPlan:
    return load_plan(application, "example")


@cache
def permissions_by_role() -> dict[tuple[str, str, str], list[Permission]]:
    """By application, Region and task."""
    found: dict[tuple[str, str, str], list[Permission]] = {}
    for application in APPLICATIONS:
        planned = deployment_plan_of(application)
        for region in {*planned.application.regions.both, *list_probe_regions(planned.runbooks)}:
            allowed = collect_permissions(RegionResources.from_names(planned.application, region), planned.runbooks)
            found |= {(application, region, task): permissions for task, permissions in allowed.items()}
    return found


# Whoever answers needs a token, and tokens are in the application's table alone.
TOKENS = {"states:SendTaskFailure", "states:SendTaskSuccess"}


TRACING = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}


def all_permissions() -> Iterator[Permission]:
    for allowed in permissions_by_role().values():
        yield from allowed


def test_actions_are_exact_and_exist() -> None:
    for permission in nonempty(all_permissions()):
        for action in permission.actions:
            service, name = action.split(":")
            assert name.lower() in service_authorization_reference()[service]["Actions"], action


def test_wildcard_resource_only_where_aws_requires_it() -> None:
    for permission in nonempty(all_permissions()):
        if "*" in permission.resources:
            for action in permission.actions:
                service, name = action.split(":")
                if action not in ACTIONS_WITHOUT_RESOURCE:
                    assert "Resources" not in service_authorization_reference()[service]["Actions"][name.lower()], (
                        f"{action} takes resources"
                    )


def test_wide_permissions_have_reason_and_condition() -> None:
    for permission in nonempty(all_permissions()):
        if permission.is_wide:
            assert permission.reason, permission
        if "*" in permission.resources and not permission.conditions:
            assert permission.called_via == "lambda.amazonaws.com" or set(permission.actions) <= TOKENS


def test_permissions_stay_within_application_account_and_regions() -> None:
    for (application, region, _), allowed in nonempty(permissions_by_role().items()):
        regions = {*deployment_plan_of(application).application.regions.both, region}
        for permission, resource in ((p, r) for p in allowed for r in p.resources if r != "*"):
            conditions = {key: value for keys in permission.conditions.values() for key, value in keys.items()}
            _, _, service, where, account, rest = resource.split(":", 5)
            if service == "s3":  # an ARN of S3 names no account: the condition does
                assert "-111122223333-" in rest
                account = str(conditions["aws:ResourceAccount"])
            # API Gateway's name none either: they are the caller's own account's.
            assert (
                account == "111122223333"
                or service in {"apigateway", "route53"}
                or rest.startswith(("snapshot", "image"))
            )
            world_wide = service in {"iam", "route53", "route53-recovery-control", "s3"}
            assert where in ({""} if world_wide else regions), resource


def test_role_policies_fit_iam_limit() -> None:
    for name, allowed in nonempty(permissions_by_role().items()):
        text = json.dumps(merge_statements(allowed), separators=(",", ":"))
        assert len(text) < INLINE_LIMIT, f"{name}: {len(text)}"


def test_only_arc_route_may_switch_traffic() -> None:
    switching = "route53-recovery-cluster:UpdateRoutingControlStates"
    may = {task for (_, _, task), allowed in permissions_by_role().items() for p in allowed if switching in p.actions}
    assert may == {"arc_route"}
    for (_, _, task), allowed in nonempty(permissions_by_role().items()):
        for permission in allowed if task == "arc_route" else ():
            if switching in permission.actions:
                assert all("/routingcontrol/" in resource for resource in permission.resources)
                assert permission.conditions == {
                    "Bool": {"route53-recovery-cluster:AllowSafetyRulesOverrides": "false"}
                }


def test_destructive_permissions_are_limited_by_tag_or_drs() -> None:
    destroys = ("Terminate", "Delete", "Stop", "Disconnect")
    for permission in nonempty(all_permissions()):
        for action in permission.actions:
            service, name = action.split(":")
            if service in {"drs", "ec2"} and name.startswith(destroys):
                own = {"StringEquals": {"aws:ResourceTag/Application": "website"}}
                assert permission.conditions == own or permission.called_via == "drs.amazonaws.com", permission


def test_task_roles_touch_only_leeward_items() -> None:
    for (application, _, _), allowed in nonempty(permissions_by_role().items()):
        for permission in allowed:
            for resource in permission.resources:
                if ":table/" in resource and not resource.endswith(f"table/leeward-{application}"):
                    reads = all("Describe" in action for action in permission.actions)
                    (keys,) = permission.conditions.get("ForAllValues:StringLike", {"": ["#"]}).values()
                    assert reads or all(key.startswith("#") for key in keys)
                    assert reads or permission.conditions


@pytest.mark.parametrize("application", APPLICATIONS)
def test_roles_on_the_twin_equal_synthesized_roles(application: str) -> None:
    """A rehearsal evaluates calls against the statements that a deployment gives the roles, in the same order."""
    assembly = CloudAssembly.load(synthesize(application, "example"))
    functions = list(LeewardDeployment(assembly).handler_functions())
    synthesized = read_function_roles(assembly, functions)
    plan = deployment_plan_of(application)
    keys = {key.region: key.arn for key in assembly.resources("AWS::KMS::Key") if "engine" in key.stack.name}
    for function in nonempty(functions):
        resources = RegionResources.from_names(plan.application, function.region, keys.get(function.region))
        expected = task_statements(resources, plan.runbooks)[find_task_name(function.name) or ""]
        *deployed, tracing = synthesized[str(function.properties["Role"])].statements
        assert read_statements([{"Statement": expected}]) == deployed, (function.region, function.name)
        # CDK repeats this statement for every function with tracing.
        assert (set(tracing.actions), tracing.resources, tracing.conditions) == (TRACING, ("*",), {})
    tasks = {
        (region, task)
        for region in {*plan.application.regions.both, *list_probe_regions(plan.runbooks)}
        for task in task_statements(RegionResources.from_names(plan.application, region), plan.runbooks)
    }
    assert tasks == {(function.region, find_task_name(function.name)) for function in functions}


def test_every_call_that_a_role_allows_can_be_evaluated() -> None:
    """Resources of each action, and each condition key. An unknown one fails a rehearsal that meets it."""
    own = [permission for permission in all_permissions() if permission.called_via is None]
    known = {rule.action or operation for operation, rule in ACTION_RULES.items()}
    assert {action for permission in nonempty(own) for action in permission.actions} - known == set()
    for permission in nonempty(own):
        for operator, condition in permission.conditions.items():
            conditions_hold({operator: dict(condition)}, {})


def test_permissions_load_without_cdk() -> None:
    code = "import sys; sys.modules['aws_cdk'] = sys.modules['jsii'] = None; import leeward.rehearsal.roles.task_roles"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_journal_entries_can_be_put_but_not_updated_or_deleted() -> None:
    """`LeadingKeys` is the partition key: `RUN#<run id>` for the entries of a run."""
    writes = {"UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLDelete", "PartiQLUpdate"}
    found = []
    for (application, _, _), allowed in nonempty(permissions_by_role().items()):
        table = f":table/leeward-{application}"
        for permission in (p for p in allowed if any(r.endswith(table) for r in p.resources)):
            names = {action.split(":")[1] for action in permission.actions}
            assert not any("*" in name for name in names)
            assert not names & (writes - {"DeleteItem"}), permission
            found += names & {"PutItem", "DeleteItem"}
            if "DeleteItem" in names:
                assert permission.conditions == {"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": ["RUN#*"]}}
    assert {"PutItem", "DeleteItem"} <= set(found)


def test_no_task_of_a_run_may_call_the_control_plane_of_routing_controls() -> None:
    services = {
        (task, action.partition(":")[0])
        for (_, _, task), allowed in permissions_by_role().items()
        for permission in allowed
        for action in permission.actions
    }
    assert ("arc_route", "route53-recovery-cluster") in services
    assert [task for task, service in services if service == "route53-recovery-control-config"] == []


def test_permissions_command_prints_every_role_of_every_region(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["infra", "permissions", "website"])
    assert main() == 0
    output, decoder, printed = capsys.readouterr().out, json.JSONDecoder(), set()
    while output.strip():
        role, end = decoder.raw_decode(output.lstrip())
        assert role["statements"]
        printed.add(("website", role["region"], role["task"]))
        output = output.lstrip()[end:]
    assert printed == {key for key in permissions_by_role() if key[0] == "website"}
    assert ("website", "eu-west-1", "probe") in printed  # a Region that only observes


def test_board_reads_only_the_table_of_its_own_region() -> None:
    """So that it is written while the origin is unavailable."""
    regions = {
        (region, resource.split(":")[3])
        for (application, region, task), allowed in permissions_by_role().items()
        for permission in allowed
        for resource in permission.resources
        if task == "board" and ":table/" in resource
    }
    assert regions
    assert all(own == read for own, read in regions)
