"""Server groups as task parameters, and their launch in waves. The tasks resolve a group to servers in their Region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.launch_order import order_in_waves
from leeward.state_machines.application.run_direction import Side, opposite
from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext

# Elastic Disaster Recovery's quotas (docs.aws.amazon.com/drs, Service quotas).
DRS_QUOTAS: JsonObject = {"max_servers_per_job": 100, "max_jobs": 20, "max_servers_in_jobs": 500}
LAUNCH_POLL_INTERVAL = PollInterval(first_seconds=15, longest_seconds=30, longest_ready_seconds=480)


def group_json(application: Application, name: str) -> JsonObject:
    """Return {"name", "tags" or "ids", "expect"}. `expect` is null when the document doesn't set it."""
    servers = application.component(name, ServerGroupComponent)
    selector: JsonObject = (
        {"tags": dict(servers.servers.tags)} if servers.servers.tags else {"ids": list(servers.servers.ids or ())}
    )
    return {"name": name} | selector | {"expect": servers.expect}


def groups_json(application: Application, names: Sequence[str]) -> list[Json]:
    """Return the JSON of the groups `names`."""
    return [group_json(application, name) for name in names]


def region_parameters(context: StepContext, side: Side) -> JsonObject:
    """Return the Region where a task acts, and the run's other Region."""
    return {"region": context.run_regions.region(side), "other_region": context.run_regions.region(opposite(side))}


def replication_parameters(context: StepContext, side: Side) -> JsonObject:
    """Return the Region where a task acts, and the replication direction of its source servers.

    Source servers in the primary Region replicate from the standby, so their direction is FAILBACK.
    """
    region = context.run_regions.region(side)
    is_primary = region == context.application.regions.primary
    return {"region": region, "direction": "FAILBACK" if is_primary else "FAILOVER"}


def launch_waves(application: Application, groups: Sequence[str]) -> list[list[str]]:
    """Return the groups in the waves that `after` requires. Raises ValueError on a cycle."""
    return order_in_waves(
        groups, {name: servers.after for name, servers in application.components_of_kind(ServerGroupComponent)}
    )


def count_launch_waves(application: Application, groups: Sequence[str]) -> int:
    """Return the number of waves. Returns 1 on a cycle, which a separate rule reports."""
    try:
        return max(1, len(launch_waves(application, groups)))
    except ValueError:
        return 1


def launch_in_waves(
    context: StepContext, groups: Sequence[str], task: str, parameters: Mapping[str, Json], comment: str
) -> Fragment:
    """Build a poll loop that launches the groups, one wave after the other."""
    waves = launch_waves(context.application, groups)
    own: JsonObject = {"waves": [groups_json(context.application, wave) for wave in waves], **parameters, **DRS_QUOTAS}
    of_all_waves = replace(context, timeout_seconds=context.timeout_seconds * max(1, len(waves)))
    return build_single_wait(of_all_waves, task, own, LAUNCH_POLL_INTERVAL, comment)
