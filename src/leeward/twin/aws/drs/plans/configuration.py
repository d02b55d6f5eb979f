"""What a step does: read from a request and checked, and written into an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.plans.model import PlanServer, ServerStep, StepConfiguration, WaitStep
from leeward.twin.aws.drs.state import RegionState
from leeward.twin.aws.plugin import ValidationException

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        RecoveryPlanServerTypeDef,
        RecoveryPlanStepConfigurationOutputTypeDef,
        RecoveryPlanStepConfigurationUnionTypeDef,
    )


def read(region: RegionState, wanted: RecoveryPlanStepConfigurationUnionTypeDef) -> StepConfiguration:
    """Raises ValidationException, and ResourceNotFoundException for a source server that this Region does not have."""
    if ("serverStepConfiguration" in wanted) == ("waitStepConfiguration" in wanted):
        raise ValidationException("exactly one of serverStepConfiguration and waitStepConfiguration must be set")
    if "waitStepConfiguration" in wanted:
        return WaitStep(wanted["waitStepConfiguration"]["waitDurationMinutes"])
    return ServerStep(read_servers(region, wanted["serverStepConfiguration"]["servers"]))


def read_servers(region: RegionState, wanted: Sequence[RecoveryPlanServerTypeDef]) -> tuple[PlanServer, ...]:
    """Raises as `read`."""
    known = {server.arn for server in region.servers.values()}
    servers = tuple(PlanServer(s["serverArn"], s.get("impactLevel", "CRITICAL")) for s in wanted)
    for server in servers:
        if server.arn not in known:
            raise errors.no_such(server.arn)
    return servers


def require_fitting(region: RegionState, configurations: Iterable[StepConfiguration]) -> None:
    """All steps of a plan together. Raises ValidationException for a repeated server, ServiceQuotaExceededException."""
    arns = [s.arn for c in configurations if isinstance(c, ServerStep) for s in c.servers]
    repeated = sorted({arn for arn in arns if arns.count(arn) > 1})
    if repeated:
        raise ValidationException(f"a source server may stand in a Recovery Plan once: {', '.join(repeated)}")
    require_room(len(arns), region.shared.quotas.servers_per_plan, "source servers in a Recovery Plan")


def require_fitting_unlisted(region: RegionState, configurations: Iterable[StepConfiguration]) -> None:
    """For operations whose model lists no ServiceQuotaExceededException: raises ValidationException instead."""
    try:
        require_fitting(region, configurations)
    except errors.ServiceQuotaExceededException as refused:
        raise ValidationException(refused.message) from refused


def require_room(value: int, quota: int, what: str) -> None:
    """Raises ServiceQuotaExceededException."""
    if value > quota:
        raise errors.ServiceQuotaExceededException(
            f"Quota exceeded: {what}: {value} of {quota}",
            code=errors.ServiceQuotaExceededException.code,
            resourceType="RecoveryPlan",
            serviceCode="drs",
        )


def written(configuration: StepConfiguration) -> RecoveryPlanStepConfigurationOutputTypeDef:
    """As in a plan's step."""
    if isinstance(configuration, WaitStep):
        return {"waitStepConfiguration": {"waitDurationMinutes": configuration.minutes}}
    servers: list[RecoveryPlanServerTypeDef] = [
        {"serverArn": s.arn, "impactLevel": s.impact} for s in configuration.servers
    ]
    return {"serverStepConfiguration": {"servers": servers}}
