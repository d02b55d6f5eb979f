"""Tests with plain moto and runs on the twin alternate in one process, and neither notices the other."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from leeward.twin.realism.realism_settings import Realism
from tests.twin.engine.machines import REGION, elapsed, machine, open_engine, start_execution, task, wait

_INTERPRETER = {"stepfunctions": {"execute_state_machine": True}}
_ASSUMED_BY_LAMBDA = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda"}, "Action": "sts:AssumeRole"}]
}
CASES: list[Callable[[], None]] = []


def case(function: Callable[[], None]) -> Callable[[], None]:
    CASES.append(function)
    return function


@cache
def _client(service: str) -> Any:
    """A client of the tests with plain moto. It outlives the engines that open in between."""
    return boto3.client(service, region_name=REGION)  # type: ignore[call-overload]


def _launch(ec2: Any) -> str:
    return str(ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"])


# -- plain moto -------------------------------------------------------------------------------------


@case
@mock_aws
def plain_instance_is_ok_at_once() -> None:
    ec2 = _client("ec2")
    (shown,) = ec2.describe_instance_status(InstanceIds=[_launch(ec2)])["InstanceStatuses"]
    assert shown["InstanceStatus"]["Status"] == "ok"
    assert "AttachedEbsStatus" not in shown


@case
@mock_aws
def plain_target_is_healthy_at_once() -> None:
    ec2, elb = _client("ec2"), _client("elbv2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    group = elb.create_target_group(Name="g", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
    balancer = elb.create_load_balancer(Name="b", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    forward = [{"Type": "forward", "TargetGroupArn": group}]
    elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": _launch(ec2)}])
    (shown,) = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    assert shown["TargetHealth"]["State"] == "healthy"


@case
@mock_aws(config=_INTERPRETER)
def plain_interpreter_sleeps_in_real_time() -> None:
    sfn = _client("stepfunctions")
    arn = sfn.create_state_machine(
        name="m", definition=json.dumps(machine("A", A=wait(1))), roleArn="arn:aws:iam::123456789012:role/r"
    )["stateMachineArn"]
    began = time.perf_counter()
    execution = sfn.start_execution(stateMachineArn=arn, name="n")["executionArn"]
    while sfn.describe_execution(executionArn=execution)["status"] == "RUNNING" and time.perf_counter() < began + 30:
        time.sleep(0.05)
    assert sfn.describe_execution(executionArn=execution)["status"] == "SUCCEEDED"
    assert time.perf_counter() - began >= 0.9


@case
@mock_aws(config={"lambda": {"use_docker": False}})
def plain_function_is_not_run() -> None:
    functions, role = (
        _client("lambda"),
        _client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(_ASSUMED_BY_LAMBDA)),
    )
    functions.create_function(
        FunctionName="f", Runtime="python3.13", Role=role["Role"]["Arn"], Handler="a.b", Code={"ZipFile": b"code"}
    )
    assert functions.invoke(FunctionName="f")["Payload"].read() == b"Simple Lambda happy path OK"


@case
@mock_aws
def plain_moto_has_no_drs() -> None:
    with pytest.raises(ClientError, match="404"):
        _client("drs").describe_source_servers()


@case
@mock_aws
def plain_health_check_has_no_routing_control() -> None:
    made = _client("route53").create_health_check(
        CallerReference="c", HealthCheckConfig={"Type": "RECOVERY_CONTROL", "RoutingControlArn": "arn:aws:a"}
    )
    assert "RoutingControlArn" not in made["HealthCheck"]["HealthCheckConfig"]


@case
@mock_aws
def plain_ids_differ() -> None:
    first, second = _launch(_client("ec2")), _launch(_client("ec2"))
    assert len({first, second, *_SEEN}) == 2 + len(_SEEN)
    _SEEN.update((first, second))


_SEEN: set[str] = set()


# -- the twin ---------------------------------------------------------------------------------------


@case
def twin_waits_on_virtual_time() -> None:
    with open_engine({"f": lambda event, context: {"id": context.aws_request_id}}) as opened:
        execution = start_execution(opened, machine("A", A=wait(3600, Next="B"), B=task("f")))
        assert opened.wait_for_execution(execution).status == "SUCCEEDED"
        assert elapsed(opened) == 3600
        _HISTORIES.append(json.dumps(opened.get_history(execution)))
    assert len(set(_HISTORIES)) == 1


_HISTORIES: list[str] = []


@case
def twin_instance_is_initializing() -> None:
    with open_engine(realism=Realism()) as opened:
        ec2 = opened.client("ec2", REGION)
        instance_id = _launch(ec2)
        (shown,) = ec2.describe_instance_status(InstanceIds=[instance_id])["InstanceStatuses"]
        assert shown["AttachedEbsStatus"]["Status"] == shown["SystemStatus"]["Status"] == "initializing"
        _TWIN_IDS.add(instance_id)
    assert len(_TWIN_IDS) == 1


_TWIN_IDS: set[str] = set()


@case
def twin_has_drs() -> None:
    with open_engine() as opened:
        drs = opened.client("drs", REGION)
        drs.initialize_service()
        assert drs.describe_source_servers()["items"] == []


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.verify("another order")) for seed in (1, 2))]
)
def test_plain_moto_and_twin_alternate(seed: int) -> None:
    order = CASES * 2
    Random(seed).shuffle(order)
    for each in order:
        each()


def test_cases_cover_both() -> None:
    names = [each.__name__ for each in CASES]
    assert sum(name.startswith("plain_") for name in names) == 7
    assert sum(name.startswith("twin_") for name in names) == 3
