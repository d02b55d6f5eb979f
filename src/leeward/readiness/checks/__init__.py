"""The readiness checks. Each module has a function `check(inputs, clients)`, which yields findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from leeward.readiness.checks import (
    declared_records,
    deployment,
    drill_history,
    global_tables,
    launch_settings,
    load_balancers,
    rest_apis,
    routing_control_records,
    routing_controls,
    server_replication,
    service_quotas,
    state_machine_definitions,
    task_permissions,
)
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding
from leeward.readiness.model.readiness_input import ReadinessInput

ReadinessCheck: TypeAlias = Callable[[ReadinessInput, CheckClients], Iterator[ReadinessFinding]]

# Each check with its area. If a check raises an error, the resulting `unknown` finding names the area.
CHECKS_BY_AREA: Final[tuple[tuple[str, ReadinessCheck], ...]] = (
    ("replication", server_replication.check),
    ("launch", launch_settings.check),
    ("quota", service_quotas.check),
    ("table", global_tables.check),
    ("api", rest_apis.check),
    ("routing", routing_controls.check),
    ("names", routing_control_records.check),
    ("names", declared_records.check),
    ("balancer", load_balancers.check),
    ("machine", state_machine_definitions.check),
    ("permission", task_permissions.check),
    ("deployment", deployment.check),
    ("drill", drill_history.check),
)
