"""Models of a scenario's faults of AWS itself: a service that fails in a Region, and invocations that fail."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, Self

from pydantic import Field, PositiveInt, field_validator, model_validator

from leeward.state_machines.fields.field_types import DocumentModel, DurationOrZero
from leeward.twin.engine.lambda_runtime.faults.invocation_errors import Moment
from leeward.twin.engine.lambda_runtime.faults.invocation_faults import FailedInvocation
from leeward.twin.interception.calls.operation_names import resolve_service
from leeward.twin.interception.calls.service_regions import check_region_name, find_global_region

ServiceFaultName = Literal["server-error", "throttled", "denied", "black-hole"]


class ServiceFails(DocumentModel):
    """Every API call to a service fails in a Region, from `from` until `until`.

    - `service` is boto3's name or IAM's prefix.
    - `region` is where the service fails. Without it, the service fails in every Region.
    - `from` and `until` count from the start of the rehearsal. Without `until`, the fault lasts.

    An outage of `lambda` also fails the invocations by Step Functions. See `interception/faults/service_outages.py`.
    """

    kind: Literal["service"]
    service: str
    region: str | None = None
    fault: ServiceFaultName
    starts: DurationOrZero = Field(default=timedelta(0), alias="from")
    until: DurationOrZero | None = None

    _resolve_service = field_validator("service")(resolve_service)

    @field_validator("region")
    @classmethod
    def _check_region(cls, region: str | None) -> str | None:
        return region if region is None else check_region_name(region)

    @model_validator(mode="after")
    def _check_times_and_region(self) -> Self:
        if self.until is not None and self.until <= self.starts:
            raise ValueError("`until` is not after `from`; use a later `until`, or leave it out for a lasting fault")
        only = find_global_region(self.service)
        if only is not None and self.region not in (None, only):
            raise ValueError(f"{self.service} has its only API in {only}; use `region: {only}`")
        return self


class InvocationFails(DocumentModel):
    """Invocations of a task's function end with an error, named as Step Functions reports it.

    - `function` is the name of a task, such as `drs-recover`, or of the application's own function.
    - The first failing invocation is the `nth`, and `times` consecutive invocations fail.
    - `moment` says whether the error occurs `before` the handler runs or `after` it has done its work. The default is
      `after` for an error that can occur then, because this is the harder case.
    """

    kind: Literal["invocation"]
    function: str
    error: str
    moment: Literal["before", "after"] | None = None
    nth: PositiveInt = 1
    times: PositiveInt = 1

    @model_validator(mode="after")
    def _check_error(self) -> Self:
        self.to_fault()
        return self

    def to_fault(self) -> FailedInvocation:
        """Return the fault. Raises UnknownInvocationError."""
        return FailedInvocation.from_name(self.error, Moment(self.moment) if self.moment else None)
