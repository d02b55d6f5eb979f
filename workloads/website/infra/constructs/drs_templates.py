"""Elastic Disaster Recovery's templates in one Region: how servers replicate to it, and how they are launched in it."""

from __future__ import annotations

from aws_cdk import CfnTag
from aws_cdk import aws_drs as drs
from constructs import Construct

from workloads.website.infra.constructs.network import WebsiteNetwork

_Replication = drs.CfnReplicationConfigurationTemplate


class DrsTemplates(Construct):
    """The templates. They apply to servers that are added later. The Region must be initialized for DRS first."""

    def __init__(self, scope: Construct, name: str, *, network: WebsiteNetwork, application: str) -> None:
        super().__init__(scope, name)
        (subnet, *_) = network.vpc.select_subnets(subnet_group_name="staging").subnet_ids
        tags = {"Application": application}
        _Replication(
            self,
            "replication",
            staging_area_subnet_id=subnet,
            replication_servers_security_groups_i_ds=[network.staging.security_group_id],
            associate_default_security_group=False,
            staging_area_tags=tags,
            # The networks of the two Regions are not connected, so servers send their encrypted data over the internet.
            create_public_ip=True,
            data_plane_routing="PUBLIC_IP",
            default_large_staging_disk_type="GP3",
            ebs_encryption="DEFAULT",
            replication_server_instance_type="t3.small",
            use_dedicated_replication_server=False,
            bandwidth_throttling=0,
            auto_replicate_new_disks=True,
            # One hour of points in time every ten minutes, one day of hourly points, and one week of daily points.
            pit_policy=[
                _Replication.PITPolicyRuleProperty(
                    rule_id=1, units="MINUTE", interval=10, retention_duration=60, enabled=True
                ),
                _Replication.PITPolicyRuleProperty(
                    rule_id=2, units="HOUR", interval=1, retention_duration=24, enabled=True
                ),
                _Replication.PITPolicyRuleProperty(
                    rule_id=3, units="DAY", interval=1, retention_duration=7, enabled=True
                ),
            ],
            tags=[CfnTag(key=key, value=value) for key, value in tags.items()],
        )
        drs.CfnLaunchConfigurationTemplate(
            self,
            "launch",
            # The runbooks' roles recognize the application's instances by tags, so launched instances inherit them.
            copy_tags=True,
            copy_private_ip=False,
            launch_disposition="STARTED",
            target_instance_type_right_sizing_method="NONE",
            post_launch_enabled=False,
        )
