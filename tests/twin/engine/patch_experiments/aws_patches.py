"""Experiments: answers of AWS services."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from leeward.twin.aws.moto_fixes import ec2_power_events
from leeward.twin.aws.moto_fixes.ec2_power_events import PowerChange
from leeward.twin.aws.moto_fixes.elbv2_target_health import TargetHealth
from leeward.twin.aws.seeded_services.elbv2_load_balancers import seed_target_group
from leeward.twin.aws.service_framework.backend_hooks import BackendHooks
from leeward.twin.engine import Engine
from leeward.twin.policies import policy_simulation
from leeward.twin.realism.realism_settings import Realism
from tests.twin.engine.machines import REGION, open_engine

GROUP = f"arn:aws:elasticloadbalancing:{REGION}:123456789012:targetgroup/home/0a1b2c3d4e5f6071"
ROLE = "arn:aws:iam::123456789012:role/task"
CONTROL = "arn:aws:route53-recovery-control::123456789012:controlpanel/c/routingcontrol/r"


@contextmanager
def _instance(realism: Realism | None = None) -> Iterator[tuple[Engine, Any, str]]:
    with open_engine(realism=realism) as opened:
        ec2 = opened.client("ec2", REGION)
        started = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)
        yield opened, ec2, str(started["Instances"][0]["InstanceId"])


def delay_status_checks() -> Any:
    with _instance(Realism()) as (_, ec2, instance):
        (shown,) = ec2.describe_instance_status(InstanceIds=[instance])["InstanceStatuses"]
        return shown["InstanceStatus"]["Status"]


def renew_launch_time() -> Any:
    with _instance() as (opened, ec2, instance):
        ec2.stop_instances(InstanceIds=[instance])
        before = opened.clock.now()
        opened.clock.sleep(3600)
        ec2.start_instances(InstanceIds=[instance])
        described = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
        return bool(described["LaunchTime"] > before)


def report_power_changes() -> Any:
    seen: list[str] = []

    def listen(_account: str, _region: str, _instance: str, change: PowerChange) -> None:
        seen.append(str(change))

    ec2_power_events.add_listener(listen)
    try:
        with _instance() as (_, ec2, instance):
            ec2.stop_instances(InstanceIds=[instance])
        return seen
    finally:
        ec2_power_events._LISTENERS.remove(listen)


def report_checked_health() -> Any:
    with _instance() as (opened, _, instance):
        hooks = BackendHooks(opened.clock.now, opened.clock.call_later, Random(7))
        TargetHealth(hooks, "123456789012", [REGION], lambda *_: False)
        seed_target_group(GROUP, port=80)
        elb = opened.client("elbv2", REGION)
        elb.register_targets(TargetGroupArn=GROUP, Targets=[{"Id": instance}])
        opened.clock.sleep(300)
        (shown,) = elb.describe_target_health(TargetGroupArn=GROUP)["TargetHealthDescriptions"]
        return shown["TargetHealth"]["State"]


def propagate_record_changes() -> Any:
    with open_engine(realism=Realism()) as opened:
        route53 = opened.client("route53", REGION)
        zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
        record = {"Name": "www.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
        return route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)["ChangeInfo"]["Status"]


def store_routing_control() -> Any:
    with open_engine() as opened:
        route53 = opened.client("route53", REGION)
        config = {"Type": "RECOVERY_CONTROL", "RoutingControlArn": CONTROL}
        route53.create_health_check(CallerReference="1", HealthCheckConfig=config)
        (shown,) = route53.list_health_checks()["HealthChecks"]
        return shown["HealthCheckConfig"].get("RoutingControlArn")


def add_vcpu_quota() -> Any:
    with open_engine() as opened:
        quotas = opened.client("service-quotas", REGION)
        return quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-1216C47A")["Quota"]["QuotaCode"]


def add_policy_simulation() -> Any:
    with open_engine() as opened:
        policy_simulation.set_simulator(lambda *_: False)
        asked = {"PolicySourceArn": ROLE, "ActionNames": ["drs:StartRecovery"]}
        answer = opened.client("iam", REGION).simulate_principal_policy(**asked)
        return answer["EvaluationResults"][0]["EvalDecision"]


def route_calls_to_added_services() -> Any:
    with open_engine() as opened:
        opened.client("drs", REGION).initialize_service()
        return opened.client("drs", REGION).describe_source_servers()["items"]
