"""Leftovers on the resources of the sample applications: changed settings, tags, records, and rows."""

from __future__ import annotations

from typing import Any

from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent
from tests.rehearsal.end_state.leftovers import GLOBAL, HOME, Leftover, Place

_LIVE = [{"Name": "instance-state-name", "Values": ["running"]}]


# -- EC2, DRS, and load balancers of the website


def _instance(place: Place) -> str:
    found = place.client("ec2").describe_instances(Filters=_LIVE)["Reservations"]
    return str(found[0]["Instances"][0]["InstanceId"])


def _server(place: Place) -> Any:
    return place.client("drs").describe_source_servers()["items"][0]


def _load_balancer(place: Place) -> str:
    return str(place.client("elbv2").describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"])


def _listener(place: Place) -> Any:
    return place.client("elbv2").describe_listeners(LoadBalancerArn=_load_balancer(place))["Listeners"][0]


def _target_group(place: Place) -> str:
    return str(place.client("elbv2").describe_target_groups()["TargetGroups"][0]["TargetGroupArn"])


def _protect(place: Place) -> None:
    place.client("ec2").modify_instance_attribute(InstanceId=_instance(place), DisableApiTermination={"Value": True})


def _listener_rule(place: Place) -> None:
    listener = _listener(place)
    number = int(place.name.rpartition("-")[2])
    place.client("elbv2").create_rule(
        ListenerArn=listener["ListenerArn"], Priority=900 + number, Actions=listener["DefaultActions"],
        Conditions=[{"Field": "path-pattern", "Values": [f"/{place.name}"]}],
    )  # fmt: skip


def _group_attribute(place: Place) -> None:
    number = int(place.name.rpartition("-")[2])
    place.client("elbv2").modify_target_group_attributes(
        TargetGroupArn=_target_group(place),
        Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": str(1000 + number)}],
    )


def _health_check_path(place: Place) -> None:
    place.client("elbv2").modify_target_group(TargetGroupArn=_target_group(place), HealthCheckPath=f"/{place.name}")


def _launch_configuration(place: Place) -> None:
    client, server = place.client("drs"), _server(place)["sourceServerID"]
    copies = client.get_launch_configuration(sourceServerID=server)["copyTags"]
    client.update_launch_configuration(sourceServerID=server, copyTags=not copies)


def _replication_configuration(place: Place) -> None:
    place.client("drs").update_replication_configuration(
        sourceServerID=_server(place)["sourceServerID"], stagingAreaTags={"left": place.name}
    )


def _launch_template_version(place: Place) -> None:
    client, server = place.client("drs"), _server(place)["sourceServerID"]
    template = client.get_launch_configuration(sourceServerID=server)["ec2LaunchTemplateID"]
    place.client("ec2").create_launch_template_version(
        LaunchTemplateId=template, LaunchTemplateData={"InstanceType": "t3.large"}
    )


def _tag_server(place: Place) -> None:
    place.client("drs").tag_resource(resourceArn=_server(place)["arn"], tags={place.name: "x"})


def _stopped_instance(place: Place) -> None:
    client = place.client("ec2")
    instance = client.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    client.stop_instances(InstanceIds=[instance])


def _tag_instance(place: Place) -> None:
    place.client("ec2").create_tags(Resources=[_instance(place)], Tags=[{"Key": place.name, "Value": "x"}])


def _safety_rule(place: Place) -> None:
    client = place.client("route53-recovery-control-config")
    cluster = client.list_clusters()["Clusters"][0]["ClusterArn"]
    panel = next(each for each in client.list_control_panels(ClusterArn=cluster)["ControlPanels"])
    controls = client.list_routing_controls(ControlPanelArn=panel["ControlPanelArn"])["RoutingControls"]
    client.create_safety_rule(AssertionRule={
        "Name": place.name, "ControlPanelArn": panel["ControlPanelArn"], "WaitPeriodMs": 100,
        "AssertedControls": [each["RoutingControlArn"] for each in controls],
        "RuleConfig": {"Inverted": False, "Threshold": 1, "Type": "ATLEAST"},
    })  # fmt: skip


# -- DNS records, tables, and functions of both samples


def _zone(place: Place) -> str:
    return str(place.client("route53").list_hosted_zones()["HostedZones"][0]["Id"])


def _change_record(place: Place, change: Any) -> None:
    client, zone = place.client("route53"), _zone(place)
    records = client.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    record = next(each for each in records if each["Type"] in ("CNAME", "A"))
    changed = {**record, **change(record)}
    batch: Any = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": changed}]}
    client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


def _new_record(place: Place) -> None:
    client, zone = place.client("route53"), _zone(place)
    name = client.get_hosted_zone(Id=zone)["HostedZone"]["Name"]
    record = {"Name": f"{place.name}.{name}", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"x"'}]}
    batch: Any = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


def _record_ttl(place: Place) -> None:
    number = int(place.name.rpartition("-")[2])
    _change_record(place, lambda record: {"TTL": 86400 + number} if "TTL" in record else {"SetIdentifier": place.name})


def _health_check_threshold(place: Place) -> None:
    client = place.client("route53")
    check = client.list_health_checks()["HealthChecks"][0]
    # The threshold isn't shown for every type, so it can't be increased by one.
    threshold = 4 + int(place.name.rpartition("-")[2]) % 6
    client.update_health_check(HealthCheckId=check["Id"], FailureThreshold=threshold)


def _tag_health_check(place: Place) -> None:
    client = place.client("route53")
    check = client.list_health_checks()["HealthChecks"][0]["Id"]
    tags: Any = [{"Key": place.name, "Value": "x"}]
    client.change_tags_for_resource(ResourceType="healthcheck", ResourceId=check, AddTags=tags)


def _engine_table(place: Place) -> str:
    return f"leeward-{place.session.application.application}"


def _application_table(place: Place) -> str:
    return next(each.table for _, each in place.session.application.components_of_kind(GlobalTableComponent))


def _foreign_row(place: Place) -> None:
    place.client("dynamodb").put_item(
        TableName=_engine_table(place), Item={"pk": {"S": "RUN#other.failover.x"}, "sk": {"S": f"E#{place.name}"}}
    )


def _forgotten_lock(place: Place) -> None:
    application = place.session.application.application
    place.client("dynamodb").put_item(
        TableName=_engine_table(place),
        Item={"pk": {"S": f"LOCK#{application}"}, "sk": {"S": "LOCK"}, "run": {"S": place.name}},
    )


def _foreign_application_row(place: Place) -> None:
    place.client("dynamodb").put_item(TableName=_application_table(place), Item={"id": {"S": place.name}})


def _user_like_row(place: Place) -> None:
    """A row that looks like a user's write but that no user sent."""
    item = {"id": {"S": place.name}, "description": {"S": "Write 999999 of user 0"}}
    place.client("dynamodb").put_item(TableName=_application_table(place), Item=item)


def _backups(place: Place, table: str) -> None:
    client = place.client("dynamodb")
    status = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    enabled = status["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    client.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": not enabled}
    )


def _expiry(place: Place, table: str) -> None:
    client = place.client("dynamodb")
    enabled = client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
    client.update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": not enabled, "AttributeName": "expiresAt"}
    )


def _tag_table(place: Place) -> None:
    client = place.client("dynamodb")
    arn = client.describe_table(TableName=_engine_table(place))["Table"]["TableArn"]
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": place.name, "Value": "x"}])


def _topic_policy(place: Place) -> None:
    client = place.client("sns")
    arn = client.list_topics()["Topics"][0]["TopicArn"]
    client.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue=place.name)


def _subscription(place: Place) -> None:
    client = place.client("sns")
    client.subscribe(
        TopicArn=client.list_topics()["Topics"][0]["TopicArn"], Protocol="email", Endpoint=f"{place.name}@example.com"
    )


def _concurrency(place: Place) -> None:
    client = place.client("lambda")
    function = client.list_functions()["Functions"][0]["FunctionName"]
    number = int(place.name.rpartition("-")[2])
    client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=number)


def _deletion_protection(place: Place) -> None:
    client = place.client("dynamodb")
    table = _application_table(place)
    protected = client.describe_table(TableName=table)["Table"].get("DeletionProtectionEnabled", False)
    client.update_table(TableName=table, DeletionProtectionEnabled=not protected)


OF_BOTH = (
    Leftover("record", GLOBAL, _new_record),
    Leftover("foreign row in the engine's table", HOME, _foreign_row),
    Leftover("forgotten lock", HOME, _forgotten_lock),
    Leftover("point-in-time recovery of the engine's table", HOME, lambda p: _backups(p, _engine_table(p))),
    Leftover("expiry of the engine's table", HOME, lambda p: _expiry(p, _engine_table(p))),
    Leftover("tag of the engine's table", HOME, _tag_table),
    Leftover("topic attribute", HOME, _topic_policy),
    Leftover("subscription", HOME, _subscription),
    Leftover("reserved concurrency", HOME, _concurrency),
    Leftover("record's TTL", GLOBAL, _record_ttl),
    Leftover("tag of a health check", GLOBAL, _tag_health_check),
    Leftover("health check threshold", GLOBAL, _health_check_threshold),
)
OF_WEBSITE = (
    *OF_BOTH,
    Leftover("tag of an instance", "us-east-1", _tag_instance),
    Leftover("termination protection", "us-east-1", _protect),
    Leftover("stopped instance", HOME, _stopped_instance),
    Leftover("tag of a source server", "us-west-2", _tag_server),
    Leftover("launch configuration", "us-west-2", _launch_configuration),
    Leftover("replication configuration", "us-west-2", _replication_configuration),
    Leftover("launch template version", "us-west-2", _launch_template_version),
    Leftover("listener rule", HOME, _listener_rule),
    Leftover("target group attribute", HOME, _group_attribute),
    Leftover("target health check path", HOME, _health_check_path),
    Leftover("safety rule", "us-west-2", _safety_rule),
)
OF_TICKETING = (
    *OF_BOTH,
    Leftover("foreign row in the application's table", HOME, _foreign_application_row),
    Leftover("row like a user's write", HOME, _user_like_row),
    Leftover("point-in-time recovery", HOME, lambda p: _backups(p, _application_table(p))),
    Leftover("expiry of rows", HOME, lambda p: _expiry(p, _application_table(p))),
    Leftover("deletion protection", HOME, _deletion_protection),
)
