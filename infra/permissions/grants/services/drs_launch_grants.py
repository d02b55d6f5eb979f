"""The EC2 permissions that DRS uses, with the caller's credentials, to launch and terminate instances.

If a role lacks one of them, the job's log shows LAUNCH_FAILED only minutes later. The list follows the AWS managed
policy AWSElasticDisasterRecoveryConsoleFullAccess_v2 (version 10), reduced to launching and terminating, to the
application's Regions and account, and to calls through DRS. It also covers launch templates that create network
interfaces.
"""

from __future__ import annotations

from collections.abc import Sequence

from leeward.infra.permissions.grants.permission import WILDCARD, Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_via_drs

_DRS_TAG = "AWSElasticDisasterRecoveryManaged"
_HAS_DRS_TAG = {f"aws:ResourceTag/{_DRS_TAG}": "false"}
_ADDS_DRS_TAG = {f"aws:RequestTag/{_DRS_TAG}": "false"}
_DESCRIBE_ACTIONS = (
    "ec2:DescribeAccountAttributes", "ec2:DescribeAvailabilityZones", "ec2:DescribeCapacityReservations",
    "ec2:DescribeHosts", "ec2:DescribeImages", "ec2:DescribeInstanceStatus", "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstanceTypes", "ec2:DescribeInstances", "ec2:DescribeKeyPairs",
    "ec2:DescribeLaunchTemplateVersions", "ec2:DescribeLaunchTemplates", "ec2:DescribeSecurityGroups",
    "ec2:DescribeSnapshots", "ec2:DescribeSubnets", "ec2:DescribeVolumes", "ec2:GetEbsDefaultKmsKeyId",
    "ec2:GetEbsEncryptionByDefault",
)  # fmt: skip
_DRS_ROLES = ("ConversionServerRole", "RecoveryInstanceRole", "RecoveryInstanceWithLaunchActionsRole")


def grant_launch(usage: TaskUsage, regions: Sequence[str]) -> list[Permission]:
    """Return the permissions for a launch: conversion server, disks, and instance. Only through DRS, and on its own
    resources.
    """
    return [
        *_grant_drs(usage, regions),
        _grant_describe(regions),
        *_grant_launch_templates(usage, regions),
        *_grant_disks(usage, regions),
        *_grant_instances(usage, regions),
        Permission(
            ("iam:PassRole",),
            tuple(
                f"arn:aws:iam::{usage.account}:role/service-role/AWSElasticDisasterRecovery{role}"
                for role in _DRS_ROLES
            ),
            {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
            called_via="drs.amazonaws.com",
        ),
    ]


def grant_termination(usage: TaskUsage, regions: Sequence[str]) -> list[Permission]:
    """Return the permissions to terminate a recovery instance: its EC2 instance and its disks."""
    return [
        grant_via_drs(
            ("ec2:DescribeInstances", "ec2:DescribeVolumes"),
            (WILDCARD,),
            "These actions do not support resource-level permissions, and only read",
            StringEquals={"aws:RequestedRegion": list(regions)},
        ),
        grant_via_drs(
            ("ec2:DeleteVolume", "ec2:TerminateInstances"),
            _ec2_arns(usage, regions, "instance", "volume"),
            "DRS assigns the ids when it launches. Only resources that DRS tagged",
            Null=_HAS_DRS_TAG,
        ),
    ]


def _grant_drs(usage: TaskUsage, regions: Sequence[str]) -> list[Permission]:
    def arns(kind: str) -> tuple[str, ...]:
        return tuple(f"arn:aws:drs:{region}:{usage.account}:{kind}/*" for region in regions)

    return [
        Permission(
            ("drs:TagResource",),
            arns("job"),
            {"StringEquals": {"drs:CreateAction": ["StartRecovery", "StartRecoveryPlanExecution"]}},
            reason="a job gets its id when it starts. It can be tagged only at that moment",
            called_via="drs.amazonaws.com",
        ),
        Permission(
            ("drs:CreateRecoveryInstanceForDrs", "drs:ListTagsForResource"),
            arns("source-server"),
            reason="a step of every launch without a public API. It creates no server",
            called_via="drs.amazonaws.com",
        ),
    ]


def _grant_describe(regions: Sequence[str]) -> Permission:
    return grant_via_drs(
        _DESCRIBE_ACTIONS,
        (WILDCARD,),
        "These actions do not support resource-level permissions, and only read",
        StringEquals={"aws:RequestedRegion": list(regions)},
    )


def _grant_launch_templates(usage: TaskUsage, regions: Sequence[str]) -> list[Permission]:
    templates = _ec2_arns(usage, regions, "launch-template")
    return [
        grant_via_drs(
            ("ec2:CreateLaunchTemplateVersion", "ec2:DeleteLaunchTemplateVersions", "ec2:ModifyLaunchTemplate"),
            templates,
            "DRS creates and tags one launch template for each source server",
            Null=_HAS_DRS_TAG,
        ),
        grant_via_drs(
            ("ec2:CreateLaunchTemplate",),
            templates,
            "a new template has no id yet. Only with DRS's tag",
            Null=_ADDS_DRS_TAG,
        ),
    ]


def _grant_disks(usage: TaskUsage, regions: Sequence[str]) -> list[Permission]:
    disks, copies = _ec2_arns(usage, regions, "volume"), _snapshot_arns(regions)
    return [
        grant_via_drs(
            ("ec2:CreateSnapshot", "ec2:CreateVolume"),
            (*disks, *copies),
            "new ones, with DRS's tag",
            Null=_ADDS_DRS_TAG,
        ),
        grant_via_drs(
            ("ec2:CreateSnapshot", "ec2:CreateVolume", "ec2:DeleteSnapshot", "ec2:DeleteVolume"),
            (*disks, *copies),
            "only those that DRS tagged",
            Null=_HAS_DRS_TAG,
        ),
        grant_via_drs(
            ("ec2:AttachVolume", "ec2:DetachVolume"),
            (*disks, *_ec2_arns(usage, regions, "instance")),
            "DRS moves the converted disks from its conversion server to the launched instance",
        ),
    ]


def _grant_instances(usage: TaskUsage, regions: Sequence[str]) -> list[Permission]:
    instances = _ec2_arns(usage, regions, "instance")
    return [
        grant_via_drs(("ec2:RunInstances",), instances, "new ones, with DRS's tag", Null=_ADDS_DRS_TAG),
        grant_via_drs(
            ("ec2:RunInstances",),
            (
                *_ec2_arns(usage, regions, "launch-template", "network-interface", "security-group"),
                *_ec2_arns(usage, regions, "subnet", "volume"),
                *(f"arn:aws:ec2:{region}::image/*" for region in regions),
            ),
            "the launch settings determine these resources",
        ),
        grant_via_drs(
            ("ec2:ModifyInstanceAttribute", "ec2:StartInstances", "ec2:StopInstances", "ec2:TerminateInstances"),
            instances,
            "only those that DRS tagged: conversion servers, and instances that it launched",
            Null=_HAS_DRS_TAG,
        ),
        grant_via_drs(
            ("ec2:StartInstances",),
            instances,
            "an existing instance to launch into, which its tag allows",
            StringEquals={"aws:ResourceTag/AWSDRS": "AllowLaunchingIntoThisInstance"},
        ),
        grant_via_drs(
            ("ec2:CreateTags",),
            (
                *_ec2_arns(usage, regions, "instance", "launch-template", "network-interface", "volume"),
                *_snapshot_arns(regions),
            ),
            "new resources are tagged when they are created",
            StringEquals={
                "ec2:CreateAction": [
                    "CreateLaunchTemplate", "CreateNetworkInterface", "CreateSnapshot", "CreateVolume", "RunInstances",
                ]
            },
        ),
    ]  # fmt: skip


def _ec2_arns(usage: TaskUsage, regions: Sequence[str], *kinds: str) -> tuple[str, ...]:
    return tuple(f"arn:aws:ec2:{region}:{usage.account}:{kind}/*" for region in regions for kind in kinds)


def _snapshot_arns(regions: Sequence[str]) -> tuple[str, ...]:
    """Return the ARNs of snapshots, which contain no account."""
    return tuple(f"arn:aws:ec2:{region}::snapshot/*" for region in regions)
