"""What DRS does in EC2 with the credentials of whoever asks for a launch or a termination.

A role that lacks one of these shows it only minutes later, as LAUNCH_FAILED in the job's log. The list is that of the
AWS managed policy AWSElasticDisasterRecoveryConsoleFullAccess_v2 (version 10), as far as launching and terminating need
it, narrowed to the application's Regions and account and to calls that come through DRS. It also serves where the
launch settings name a template that makes network interfaces.
"""

from __future__ import annotations

from collections.abc import Sequence

from leeward.infra.permissions.common import through_drs
from leeward.infra.permissions.model import ANY, Permission
from leeward.infra.permissions.uses import Uses

_MANAGED = "AWSElasticDisasterRecoveryManaged"
_MARKED = {f"aws:ResourceTag/{_MANAGED}": "false"}
_MARKING = {f"aws:RequestTag/{_MANAGED}": "false"}
_LOOKS = (
    "ec2:DescribeAccountAttributes", "ec2:DescribeAvailabilityZones", "ec2:DescribeCapacityReservations",
    "ec2:DescribeHosts", "ec2:DescribeImages", "ec2:DescribeInstanceStatus", "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstanceTypes", "ec2:DescribeInstances", "ec2:DescribeKeyPairs",
    "ec2:DescribeLaunchTemplateVersions", "ec2:DescribeLaunchTemplates", "ec2:DescribeSecurityGroups",
    "ec2:DescribeSnapshots", "ec2:DescribeSubnets", "ec2:DescribeVolumes", "ec2:GetEbsDefaultKmsKeyId",
    "ec2:GetEbsEncryptionByDefault",
)  # fmt: skip
_ROLES = ("ConversionServerRole", "RecoveryInstanceRole", "RecoveryInstanceWithLaunchActionsRole")


def launching(use: Uses, regions: Sequence[str]) -> list[Permission]:
    """A launch: the conversion server, the disks, the instance. Only through DRS, and on what DRS marks as its own."""
    return [
        *_drs_itself(use, regions),
        _looks(regions),
        *_templates(use, regions),
        *_disks(use, regions),
        *_instances(use, regions),
        Permission(
            ("iam:PassRole",),
            tuple(f"arn:aws:iam::{use.account}:role/service-role/AWSElasticDisasterRecovery{role}" for role in _ROLES),
            {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
            through="drs.amazonaws.com",
        ),
    ]


def terminating(use: Uses, regions: Sequence[str]) -> list[Permission]:
    """The end of a recovery instance: its EC2 instance and its disks."""
    return [
        through_drs(
            ("ec2:DescribeInstances", "ec2:DescribeVolumes"),
            (ANY,),
            "AWS takes no resource for these actions; they only read",
            StringEquals={"aws:RequestedRegion": list(regions)},
        ),
        through_drs(
            ("ec2:DeleteVolume", "ec2:TerminateInstances"),
            _ec2(use, regions, "instance", "volume"),
            "DRS names them when it launches; only those that it marked",
            Null=_MARKED,
        ),
    ]


def _drs_itself(use: Uses, regions: Sequence[str]) -> list[Permission]:
    def arns(kind: str) -> tuple[str, ...]:
        return tuple(f"arn:aws:drs:{region}:{use.account}:{kind}/*" for region in regions)

    return [
        Permission(
            ("drs:TagResource",),
            arns("job"),
            {"StringEquals": {"drs:CreateAction": ["StartRecovery", "StartRecoveryPlanExecution"]}},
            why="a job gets its id when it is started; tags are put on it in that moment alone",
            through="drs.amazonaws.com",
        ),
        Permission(
            ("drs:CreateRecoveryInstanceForDrs", "drs:ListTagsForResource"),
            arns("source-server"),
            why="a step of every launch that AWS names without an API of its own; it makes no server",
            through="drs.amazonaws.com",
        ),
    ]


def _looks(regions: Sequence[str]) -> Permission:
    return through_drs(
        _LOOKS,
        (ANY,),
        "AWS takes no resource for these actions; they only read",
        StringEquals={"aws:RequestedRegion": list(regions)},
    )


def _templates(use: Uses, regions: Sequence[str]) -> list[Permission]:
    templates = _ec2(use, regions, "launch-template")
    return [
        through_drs(
            ("ec2:CreateLaunchTemplateVersion", "ec2:DeleteLaunchTemplateVersions", "ec2:ModifyLaunchTemplate"),
            templates,
            "DRS makes one launch template for each source server, and marks it",
            Null=_MARKED,
        ),
        through_drs(
            ("ec2:CreateLaunchTemplate",), templates, "its id is made with it; only with DRS's mark", Null=_MARKING
        ),
    ]


def _disks(use: Uses, regions: Sequence[str]) -> list[Permission]:
    disks, copies = _ec2(use, regions, "volume"), _snapshots(regions)
    return [
        through_drs(
            ("ec2:CreateSnapshot", "ec2:CreateVolume"), (*disks, *copies), "new ones, with DRS's mark", Null=_MARKING
        ),
        through_drs(
            ("ec2:CreateSnapshot", "ec2:CreateVolume", "ec2:DeleteSnapshot", "ec2:DeleteVolume"),
            (*disks, *copies),
            "of those that DRS marked",
            Null=_MARKED,
        ),
        through_drs(
            ("ec2:AttachVolume", "ec2:DetachVolume"),
            (*disks, *_ec2(use, regions, "instance")),
            "DRS moves the converted disks from its own server to the one that it launches",
        ),
    ]


def _instances(use: Uses, regions: Sequence[str]) -> list[Permission]:
    machines = _ec2(use, regions, "instance")
    return [
        through_drs(("ec2:RunInstances",), machines, "new ones, with DRS's mark", Null=_MARKING),
        through_drs(
            ("ec2:RunInstances",),
            (
                *_ec2(use, regions, "launch-template", "network-interface", "security-group", "subnet", "volume"),
                *(f"arn:aws:ec2:{region}::image/*" for region in regions),
            ),
            "where it is launched is for the launch settings to say",
        ),
        through_drs(
            ("ec2:ModifyInstanceAttribute", "ec2:StartInstances", "ec2:StopInstances", "ec2:TerminateInstances"),
            machines,
            "only those that DRS marked: conversion servers, and what it launched",
            Null=_MARKED,
        ),
        through_drs(
            ("ec2:StartInstances",),
            machines,
            "an instance to be launched into is there already, and says so by its tag",
            StringEquals={"aws:ResourceTag/AWSDRS": "AllowLaunchingIntoThisInstance"},
        ),
        through_drs(
            ("ec2:CreateTags",),
            (*_ec2(use, regions, "instance", "launch-template", "network-interface", "volume"), *_snapshots(regions)),
            "tags are put on new things in the moment in which they are made",
            StringEquals={
                "ec2:CreateAction": [
                    "CreateLaunchTemplate", "CreateNetworkInterface", "CreateSnapshot", "CreateVolume", "RunInstances",
                ]
            },
        ),
    ]  # fmt: skip


def _ec2(use: Uses, regions: Sequence[str], *kinds: str) -> tuple[str, ...]:
    return tuple(f"arn:aws:ec2:{region}:{use.account}:{kind}/*" for region in regions for kind in kinds)


def _snapshots(regions: Sequence[str]) -> tuple[str, ...]:
    """Their ARNs name no account."""
    return tuple(f"arn:aws:ec2:{region}::snapshot/*" for region in regions)
