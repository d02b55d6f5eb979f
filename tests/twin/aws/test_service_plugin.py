"""Adding services to moto from outside its tree."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core.utils import camelcase_to_underscores, get_service_model

from leeward.twin.aws.drs.drs_backend import DRS
from leeward.twin.aws.routing_control.cluster_data_plane import ROUTING_CLUSTERS
from leeward.twin.aws.routing_control.control_plane.config_backend import ROUTING_CONFIG
from leeward.twin.aws.service_framework.service_plugin import (
    AwsError,
    OperationCall,
    OperationNotSimulated,
    TwinDefect,
    perform_operation,
)
from tests.twin.aws.drs_world import B, DrsTestWorld, client, error_code

ACCOUNT = "123456789012"


def call(operation: str, **params: object) -> OperationCall:
    return OperationCall(get_service_model("drs").operation_model(operation), params, B, f"drs.{B}.amazonaws.com")


@pytest.mark.parametrize("service", [DRS, ROUTING_CLUSTERS, ROUTING_CONFIG], ids=lambda s: s.name)
def test_every_operation_is_simulated_or_not_simulated(service: Any) -> None:
    backend = service.region(ACCOUNT, B)
    model = get_service_model(service.name)
    for name in model.operation_names:
        if hasattr(backend, camelcase_to_underscores(name)):
            continue
        with pytest.raises(OperationNotSimulated, match=f"not simulated: {service.name}:{name}$"):
            perform_operation(backend, OperationCall(model.operation_model(name), {}, B, "host"))


def test_invalid_request_is_rejected(world: DrsTestWorld) -> None:
    with pytest.raises(ClientError, match="sourceServerID") as error:
        world.b.start_recovery(sourceServers=[{"sourceServerID": "s-not_an_identifier"}])
    assert error_code(error.value) == "ValidationException"


def test_response_outside_model_is_a_twin_defect(world: DrsTestWorld) -> None:
    server = world.protect()
    server.tags["broken"] = 5  # type: ignore[assignment]
    with pytest.raises(TwinDefect, match=r"drs:DescribeSourceServers .*tags.broken: expected a string"):
        world.b.describe_source_servers()


class UnmodeledError(AwsError):
    code = "UnheardOfException"


def test_error_outside_model_is_a_twin_defect(world: DrsTestWorld) -> None:
    def refuse(_: object) -> dict[str, object]:
        raise UnmodeledError("no")

    backend = world.drs.region_backend(B)
    backend.describe_jobs = refuse  # type: ignore[assignment,method-assign]
    with pytest.raises(TwinDefect, match="returned UnheardOfException, which its model does not list"):
        perform_operation(backend, call("DescribeJobs"))


def test_error_member_outside_model_is_a_twin_defect(world: DrsTestWorld) -> None:
    class Odd(AwsError):
        code = "ValidationException"

    def refuse(_: object) -> dict[str, object]:
        raise Odd("no", server="s-1")

    backend = world.drs.region_backend(B)
    backend.describe_jobs = refuse  # type: ignore[assignment,method-assign]
    with pytest.raises(TwinDefect, match=r"ValidationException\.server: the model has no such member"):
        perform_operation(backend, call("DescribeJobs"))


def test_moto_reset_clears_state(world: DrsTestWorld) -> None:
    world.protect()
    with mock_aws():
        pass  # nested: nothing is reset
    assert world.b.describe_source_servers()["items"]
    DRS.backends.reset()
    with pytest.raises(ClientError) as error:
        client("drs", B).describe_source_servers()
    assert error_code(error.value) == "UninitializedAccountException"
