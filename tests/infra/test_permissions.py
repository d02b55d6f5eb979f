"""Roles: what each task does, on the application's own resources, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from infra.permissions import Deployed, Permission, permissions_of, statements_of
from infra.plan import plan

REGIONS = ("us-east-1", "us-west-2")
# What IAM takes inline in one role, over all policies (IAM and STS quotas).
INLINE_LIMIT = 10_240


@cache
def roles() -> dict[tuple[str, str], list[Permission]]:
    found = plan("website", "example")
    return {
        (region, task): allowed
        for region in REGIONS
        for task, allowed in permissions_of(
            Deployed.named(found.application, region), found.definitions(region)
        ).items()
    }


def every() -> Iterator[Permission]:
    for allowed in roles().values():
        yield from allowed


@cache
def reference() -> dict[str, Any]:
    """AWS's Service Authorization Reference, as cfn-lint carries it."""
    (path,) = Path(cfnlint.__file__).parent.glob("data/**/Policies.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_no_action_is_a_pattern_and_each_is_one_of_aws() -> None:
    for permission in every():
        for action in permission.actions:
            service, name = action.split(":")
            assert name.lower() in reference()[service]["Actions"], action


def test_a_resource_is_named_wherever_aws_takes_one() -> None:
    for permission in every():
        if "*" in permission.resources:
            for action in permission.actions:
                service, name = action.split(":")
                assert "Resources" not in reference()[service]["Actions"][name.lower()], f"{action} takes resources"


def test_whatever_is_wide_says_why_and_has_a_condition_or_reads() -> None:
    for permission in every():
        if permission.wide:
            assert permission.why, permission
        if "*" in permission.resources and not permission.when:
            assert permission.through == "lambda.amazonaws.com" or permission.actions == ("states:SendTaskSuccess",)


def test_nothing_reaches_beyond_the_application_its_account_and_its_regions() -> None:
    for permission in every():
        for resource in permission.resources:
            if resource == "*":
                continue
            _, _, service, region, account, _ = resource.split(":", 5)
            assert account == "111122223333" or ("snapshot" in resource or "image" in resource)
            assert region in ({""} if service in {"iam", "route53-recovery-control"} else REGIONS), resource


@pytest.mark.parametrize("region", REGIONS)
def test_a_role_fits_into_iam(region: str) -> None:
    for (where, task), allowed in roles().items():
        if where == region:
            text = json.dumps(statements_of(allowed), separators=(",", ":"))
            assert len(text) < INLINE_LIMIT, f"{task}: {len(text)}"


def test_one_task_alone_may_switch_traffic() -> None:
    switching = "route53-recovery-cluster:UpdateRoutingControlStates"
    may = {task for (_, task), allowed in roles().items() for p in allowed if switching in p.actions}
    assert may == {"arc_route"}
    for (_, task), allowed in roles().items():
        for permission in allowed if task == "arc_route" else ():
            if switching in permission.actions:
                assert all("/routingcontrol/" in resource for resource in permission.resources)
                assert permission.when == {"Bool": {"route53-recovery-cluster:AllowSafetyRulesOverrides": "false"}}


def test_what_can_destroy_is_bound_to_the_applications_tags_or_to_drs() -> None:
    destroys = ("Terminate", "Delete", "Stop", "Disconnect")
    for permission in every():
        for action in permission.actions:
            service, name = action.split(":")
            if service in {"drs", "ec2"} and name.startswith(destroys):
                own = {"StringEquals": {"aws:ResourceTag/Application": "website"}}
                assert permission.when == own or permission.through == "drs.amazonaws.com", permission
