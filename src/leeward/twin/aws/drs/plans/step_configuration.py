"""Reads, validates, and displays the configuration of Recovery Plan steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.plans.plan_records import PlanServer, ServerStep, StepConfiguration, WaitStep
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.service_framework.service_plugin import ValidationException

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        RecoveryPlanServerTypeDef,
        RecoveryPlanStepConfigurationOutputTypeDef,
        RecoveryPlanStepConfigurationUnionTypeDef,
    )


def read_configuration(region: DrsRegionState, request: RecoveryPlanStepConfigurationUnionTypeDef) -> StepConfiguration:
    """Return the step configuration from a request.

    Raises ValidationException, or ResourceNotFoundException for a source server that doesn't exist in this Region.
    """
    if ("serverStepConfiguration" in request) == ("waitStepConfiguration" in request):
        raise ValidationException("exactly one of serverStepConfiguration and waitStepConfiguration must be set")
    if "waitStepConfiguration" in request:
        return WaitStep(request["waitStepConfiguration"]["waitDurationMinutes"])
    return ServerStep(read_servers(region, request["serverStepConfiguration"]["servers"]))


def read_servers(region: DrsRegionState, request: Sequence[RecoveryPlanServerTypeDef]) -> tuple[PlanServer, ...]:
    """Return the servers from a request. Raises ResourceNotFoundException for an unknown source server."""
    known = {server.arn for server in region.servers.values()}
    servers = tuple(PlanServer(s["serverArn"], s.get("impactLevel", "CRITICAL")) for s in request)
    for server in servers:
        if server.arn not in known:
            raise drs_errors.not_found_error(server.arn)
    return servers


def require_valid_steps(region: DrsRegionState, configurations: Iterable[StepConfiguration]) -> None:
    """Validate all steps of a plan together.

    Raises ValidationException for a repeated server, or ServiceQuotaExceededException for too many servers.
    """
    arns = [s.arn for c in configurations if isinstance(c, ServerStep) for s in c.servers]
    repeated = sorted({arn for arn in arns if arns.count(arn) > 1})
    if repeated:
        raise ValidationException(f"a source server can appear only once in a Recovery Plan: {', '.join(repeated)}")
    require_plan_quota(len(arns), region.shared.quotas.servers_per_plan, "source servers in a Recovery Plan")


def require_valid_steps_or_reject(region: DrsRegionState, configurations: Iterable[StepConfiguration]) -> None:
    """Validate all steps of a plan, for operations whose model has no ServiceQuotaExceededException.

    Raises ValidationException instead.
    """
    try:
        require_valid_steps(region, configurations)
    except drs_errors.ServiceQuotaExceededException as error:
        raise ValidationException(error.message) from error


def require_plan_quota(value: int, quota: int, what: str) -> None:
    """Raise ServiceQuotaExceededException if `value` exceeds `quota`. `what` describes the quota."""
    if value > quota:
        raise drs_errors.ServiceQuotaExceededException(
            f"Quota exceeded: {what}: {value} of {quota}",
            code=drs_errors.ServiceQuotaExceededException.code,
            resourceType="RecoveryPlan",
            serviceCode="drs",
        )


def configuration_view(configuration: StepConfiguration) -> RecoveryPlanStepConfigurationOutputTypeDef:
    """Return the configuration as in the API's view of a plan step."""
    if isinstance(configuration, WaitStep):
        return {"waitStepConfiguration": {"waitDurationMinutes": configuration.minutes}}
    servers: list[RecoveryPlanServerTypeDef] = [
        {"serverArn": s.arn, "impactLevel": s.impact} for s in configuration.servers
    ]
    return {"serverStepConfiguration": {"servers": servers}}
