"""What a step does: read from a request and checked, and written into an answer."""

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


def read_configuration(region: DrsRegionState, wanted: RecoveryPlanStepConfigurationUnionTypeDef) -> StepConfiguration:
    """Raises ValidationException, and ResourceNotFoundException for a source server that this Region does not have."""
    if ("serverStepConfiguration" in wanted) == ("waitStepConfiguration" in wanted):
        raise ValidationException("exactly one of serverStepConfiguration and waitStepConfiguration must be set")
    if "waitStepConfiguration" in wanted:
        return WaitStep(wanted["waitStepConfiguration"]["waitDurationMinutes"])
    return ServerStep(read_servers(region, wanted["serverStepConfiguration"]["servers"]))


def read_servers(region: DrsRegionState, wanted: Sequence[RecoveryPlanServerTypeDef]) -> tuple[PlanServer, ...]:
    """Raises as `read`."""
    known = {server.arn for server in region.servers.values()}
    servers = tuple(PlanServer(s["serverArn"], s.get("impactLevel", "CRITICAL")) for s in wanted)
    for server in servers:
        if server.arn not in known:
            raise drs_errors.not_found_error(server.arn)
    return servers


def require_valid_steps(region: DrsRegionState, configurations: Iterable[StepConfiguration]) -> None:
    """All steps of a plan together. Raises ValidationException for a repeated server, ServiceQuotaExceededException."""
    arns = [s.arn for c in configurations if isinstance(c, ServerStep) for s in c.servers]
    repeated = sorted({arn for arn in arns if arns.count(arn) > 1})
    if repeated:
        raise ValidationException(f"a source server may stand in a Recovery Plan once: {', '.join(repeated)}")
    require_plan_quota(len(arns), region.shared.quotas.servers_per_plan, "source servers in a Recovery Plan")


def require_valid_steps_or_reject(region: DrsRegionState, configurations: Iterable[StepConfiguration]) -> None:
    """For operations whose model lists no ServiceQuotaExceededException: raises ValidationException instead."""
    try:
        require_valid_steps(region, configurations)
    except drs_errors.ServiceQuotaExceededException as refused:
        raise ValidationException(refused.message) from refused


def require_plan_quota(value: int, quota: int, what: str) -> None:
    """Raises ServiceQuotaExceededException."""
    if value > quota:
        raise drs_errors.ServiceQuotaExceededException(
            f"Quota exceeded: {what}: {value} of {quota}",
            code=drs_errors.ServiceQuotaExceededException.code,
            resourceType="RecoveryPlan",
            serviceCode="drs",
        )


def configuration_view(configuration: StepConfiguration) -> RecoveryPlanStepConfigurationOutputTypeDef:
    """As in a plan's step."""
    if isinstance(configuration, WaitStep):
        return {"waitStepConfiguration": {"waitDurationMinutes": configuration.minutes}}
    servers: list[RecoveryPlanServerTypeDef] = [
        {"serverArn": s.arn, "impactLevel": s.impact} for s in configuration.servers
    ]
    return {"serverStepConfiguration": {"servers": servers}}
