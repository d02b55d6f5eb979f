"""Leftovers that any application can have: new resources of many services, in any Region."""

from __future__ import annotations

import json
from typing import Any

from tests.rehearsal.end_state.leftovers import ANY, GLOBAL, Leftover, Place

_TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
_POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
)


def _launch(place: Place) -> str:
    launched = place.client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)
    return str(launched["Instances"][0]["InstanceId"])


def _vpc(place: Place) -> str:
    return str(place.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"])


def _group(place: Place) -> str:
    return str(place.client("ec2").describe_security_groups()["SecurityGroups"][0]["GroupId"])


def _open_port(place: Place) -> None:
    port = 1000 + int(place.name.rpartition("-")[2])
    rule: dict[str, Any] = {
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
    }
    place.client("ec2").authorize_security_group_ingress(GroupId=_group(place), IpPermissions=[rule])


def _tag_vpc(place: Place) -> None:
    place.client("ec2").create_tags(Resources=[_vpc(place)], Tags=[{"Key": place.name, "Value": "x"}])


def _bucket_with_object(place: Place) -> None:
    client = place.client("s3")
    # S3 rejects the default Region as a constraint.
    options = {} if place.region == GLOBAL else {"CreateBucketConfiguration": {"LocationConstraint": place.region}}
    client.create_bucket(Bucket=place.name, **options)
    client.put_object(Bucket=place.name, Key="k", Body=b"x")


def _table(place: Place) -> None:
    place.client("dynamodb").create_table(
        TableName=place.name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def _rule(place: Place) -> None:
    client = place.client("events")
    client.put_rule(Name=place.name, ScheduleExpression="rate(1 day)")
    client.put_targets(Rule=place.name, Targets=[{"Id": "1", "Arn": "arn:aws:sns:eu-west-1:111122223333:x"}])


def _alarm(place: Place) -> None:
    place.client("cloudwatch").put_metric_alarm(
        AlarmName=place.name, Namespace="x", MetricName="y", Statistic="Sum", Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip


def _topic_with_subscription(place: Place) -> None:
    client = place.client("sns")
    arn = client.create_topic(Name=place.name)["TopicArn"]
    client.subscribe(TopicArn=arn, Protocol="email", Endpoint="x@example.com")


def _role(place: Place) -> None:
    place.client("iam").create_role(RoleName=place.name, AssumeRolePolicyDocument=_TRUST)


def _role_policy(place: Place) -> None:
    _role(place)
    place.client("iam").put_role_policy(RoleName=place.name, PolicyName="p", PolicyDocument=_POLICY)


def _target_group(place: Place) -> None:
    place.client("elbv2").create_target_group(Name=place.name, Protocol="HTTP", Port=80, VpcId=_vpc(place))


def _zone(place: Place) -> None:
    place.client("route53").create_hosted_zone(Name=f"{place.name}.example.org", CallerReference=place.name)


def _health_check(place: Place) -> None:
    config: Any = {"Type": "HTTP", "FullyQualifiedDomainName": "x.example.org", "Port": 80}
    place.client("route53").create_health_check(CallerReference=place.name, HealthCheckConfig=config)


def _state_machine(place: Place) -> None:
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    place.client("stepfunctions").create_state_machine(
        name=place.name, definition=definition, roleArn="arn:aws:iam::111122223333:role/x"
    )


def _volume_and_snapshot(place: Place) -> None:
    client = place.client("ec2")
    volume = client.create_volume(AvailabilityZone=f"{place.region}a", Size=8)["VolumeId"]
    client.create_snapshot(VolumeId=volume)


ANYWHERE = (
    Leftover("EC2 instance", ANY, _launch),
    Leftover("VPC", ANY, lambda p: p.client("ec2").create_vpc(CidrBlock="10.9.0.0/16")),
    Leftover("VPC tag", ANY, _tag_vpc),
    Leftover("security group", ANY, lambda p: p.client("ec2").create_security_group(GroupName=p.name, Description="x")),
    Leftover("security group rule", ANY, _open_port),
    Leftover("volume with a snapshot", ANY, _volume_and_snapshot),
    Leftover("key pair", ANY, lambda p: p.client("ec2").create_key_pair(KeyName=p.name)),
    Leftover("Elastic IP address", ANY, lambda p: p.client("ec2").allocate_address(Domain="vpc")),
    Leftover("internet gateway", ANY, lambda p: p.client("ec2").create_internet_gateway()),
    Leftover("launch template", ANY, lambda p: p.client("ec2").create_launch_template(
        LaunchTemplateName=p.name, LaunchTemplateData={"InstanceType": "t3.small"})),
    Leftover("EBS encryption by default", ANY, lambda p: p.client("ec2").enable_ebs_encryption_by_default()),
    Leftover("bucket with an object", ANY, _bucket_with_object),
    Leftover("table", ANY, _table),
    Leftover("EventBridge rule", ANY, _rule),
    Leftover("event bus", ANY, lambda p: p.client("events").create_event_bus(Name=p.name)),
    Leftover("schedule group", ANY, lambda p: p.client("scheduler").create_schedule_group(Name=p.name)),
    Leftover("alarm", ANY, _alarm),
    Leftover("dashboard", ANY, lambda p: p.client("cloudwatch").put_dashboard(
        DashboardName=p.name, DashboardBody='{"widgets": []}')),
    Leftover("log group", ANY, lambda p: p.client("logs").create_log_group(logGroupName=p.name)),
    Leftover("topic", ANY, lambda p: p.client("sns").create_topic(Name=p.name)),
    Leftover("topic with a subscription", ANY, _topic_with_subscription),
    Leftover("queue", ANY, lambda p: p.client("sqs").create_queue(QueueName=p.name)),
    Leftover("parameter", ANY, lambda p: p.client("ssm").put_parameter(Name=p.name, Value="x", Type="String")),
    Leftover("secret", ANY, lambda p: p.client("secretsmanager").create_secret(Name=p.name, SecretString="x")),
    Leftover("KMS key", ANY, lambda p: p.client("kms").create_key(Description=p.name)),
    Leftover("state machine", ANY, _state_machine),
    Leftover("target group", ANY, _target_group),
    Leftover("role", GLOBAL, _role),
    Leftover("role policy", GLOBAL, _role_policy),
    Leftover("managed policy", GLOBAL, lambda p: p.client("iam").create_policy(
        PolicyName=p.name, PolicyDocument=_POLICY)),
    Leftover("user", GLOBAL, lambda p: p.client("iam").create_user(UserName=p.name)),
    Leftover("instance profile", GLOBAL, lambda p: p.client("iam").create_instance_profile(InstanceProfileName=p.name)),
    Leftover("hosted zone", GLOBAL, _zone),
    Leftover("health check", GLOBAL, _health_check),
)  # fmt: skip
