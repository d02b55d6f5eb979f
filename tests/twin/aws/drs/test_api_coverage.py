"""Every operation that botocore lists for `drs` answers: as its model says, or that it is not simulated."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape
from moto.core.utils import camelcase_to_underscores, get_service_model

from tests.twin.aws.drs_world import DrsTestWorld, error_code

MODEL = get_service_model("drs")
NOT_SIMULATED = {
    "AssociateSourceNetworkStack",
    "CreateExtendedSourceServer",
    "CreateSourceNetwork",
    "DeleteSourceNetwork",
    "ExportSourceNetworkCfnTemplate",
    "StartSourceNetworkRecovery",
    "StartSourceNetworkReplication",
    "StopSourceNetworkReplication",
}
# Values for strings whose pattern says more than "some text".
SAMPLES = {
    "ARN": "arn:aws:drs:us-west-2:123456789012:source-server/s-00000000000000000",
    "SourceServerARN": "arn:aws:drs:us-west-2:123456789012:source-server/s-00000000000000000",
    "StrictDRSARN": "arn:aws:drs:us-west-2:123456789012:recovery-plan/rp-0",
    "AccountID": "123456789012",
    "AwsRegion": "us-east-1",
    "CfnStackName": "stack",
    "JobID": "drsjob-00000000000000000",
    "LaunchActionId": "00000000-0000-0000-0000-000000000000",
    "LaunchActionResourceId": "s-00000000000000000",
    "LaunchActionVersion": "1",
    "LaunchConfigurationTemplateID": "lct-00000000000000000",
    "RecoveryInstanceID": "i-00000000000000000",
    "RecoverySnapshotID": "pit-00000000000000000",
    "ReplicationConfigurationTemplateID": "rct-00000000000000000",
    "SourceNetworkID": "sn-00000000000000000",
    "SourceServerID": "s-00000000000000000",
    "SubnetID": "subnet-00000000",
    "VpcID": "vpc-00000000",
}


def smallest_value(shape: Shape) -> Any:
    """The smallest value that the shape allows: required members, and one of two where exactly one must be set."""
    if isinstance(shape, StructureShape):
        members = shape.required_members or (list(shape.members)[:1] if shape.is_tagged_union else [])
        return {name: smallest_value(shape.members[name]) for name in members}
    if isinstance(shape, ListShape):
        return [smallest_value(shape.member)] * max(1, shape.metadata.get("min", 0))
    if isinstance(shape, MapShape):
        return {}
    if isinstance(shape, StringShape):
        return shape.enum[0] if shape.enum else SAMPLES.get(shape.name, "text")
    return {"boolean": True, "integer": 2, "long": 2}[shape.type_name]


def error_of_smallest_request(api: Any, name: str) -> ClientError | None:
    """What the operation answers to the smallest request: an error, or None for an answer."""
    shape = MODEL.operation_model(name).input_shape
    try:
        getattr(api, camelcase_to_underscores(name))(**(smallest_value(shape) if shape else {}))
    except ClientError as error:
        return error
    return None


@pytest.mark.parametrize("name", sorted(set(MODEL.operation_names) - NOT_SIMULATED))
def test_simulated_operation_answers_within_model(world: DrsTestWorld, name: str) -> None:
    """The answer's fit is checked by the service itself: anything else is a TwinDefect, which fails here."""
    refused = error_of_smallest_request(world.b, name)
    known = {shape.name for shape in MODEL.operation_model(name).error_shapes}
    assert refused is None or error_code(refused) in known | {"ValidationException"}


@pytest.mark.parametrize("name", sorted(NOT_SIMULATED))
def test_unsimulated_operation_returns_501(world: DrsTestWorld, name: str) -> None:
    refused = error_of_smallest_request(world.b, name)
    assert refused is not None
    assert re.search(rf"not simulated: drs:{name}$", str(refused))
    assert refused.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_lists_of_unmodeled_resources_are_empty(world: DrsTestWorld) -> None:
    assert world.b.list_staging_accounts()["accounts"] == []
    assert world.b.list_extensible_source_servers(stagingAccountID="999999999999")["items"] == []
    assert world.b.describe_source_networks()["items"] == []
