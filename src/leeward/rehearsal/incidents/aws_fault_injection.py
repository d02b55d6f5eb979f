"""Injects a scenario's faults of AWS itself: a service that fails in a Region, and invocations that fail."""

from __future__ import annotations

from datetime import datetime

from leeward.common.naming import resource_names
from leeward.rehearsal.scenarios.aws_faults.aws_fault_documents import InvocationFails, ServiceFails
from leeward.twin.engine import Engine
from leeward.twin.engine.lambda_runtime.faults.invocation_faults import InvocationFaultRule
from leeward.twin.interception import SERVICE_FAULTS


def inject(engine: Engine, application: str, fault: ServiceFails | InvocationFails, start: datetime) -> None:
    """Inject the fault. Its times count from `start`, and its invocations from now."""
    if isinstance(fault, ServiceFails):
        engine.interceptor.schedule_service_outage(
            fault.service,
            fault.region,
            SERVICE_FAULTS[fault.fault],
            start + fault.starts,
            None if fault.until is None else start + fault.until,
        )
        return
    # A task's function has the short name in a generated state machine, and the full name in a deployment.
    names = {fault.function, f"{resource_names.PREFIX}-{fault.function}"}
    names.add(resource_names.function_name(application, fault.function))
    engine.functions.faults.add_rule(InvocationFaultRule(frozenset(names), fault.to_fault(), fault.nth, fault.times))
