"""How much of the DRS quotas a launch uses."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.fragments.actions.server_groups import launch_waves
from leeward.state_machines.step_kinds.plan_values import QuotaUse
from leeward.state_machines.step_kinds.step_effects import Launch
from leeward.state_machines.step_kinds.step_model import StepModel

# DRS quotas (AWS General Reference, "Elastic Disaster Recovery endpoints and quotas").
_SERVERS_PER_JOB, _JOBS, _SERVERS_IN_JOBS = 100, 20, 500


def launch_quotas(step: StepModel, application: Application) -> Iterator[QuotaUse]:
    """Yield a launch's use of DRS quotas, for its largest wave. Several jobs launch a group of over 100 servers."""
    launch = step.find_effect(Launch)
    if launch is None or not launch.groups:
        return
    sizes = {name: group.expect or 1 for name, group in application.components_of_kind(ServerGroupComponent)}
    waves = [[sizes[group] for group in wave] for wave in launch_waves(application, launch.groups)]
    jobs = max(sum(-(-servers // _SERVERS_PER_JOB) for servers in wave) for wave in waves)
    yield QuotaUse("DRS: concurrent jobs in progress", jobs, _JOBS)
    yield QuotaUse("DRS: source servers in all jobs", max(map(sum, waves)), _SERVERS_IN_JOBS)
