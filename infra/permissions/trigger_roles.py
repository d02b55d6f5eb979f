"""The parameters of the tasks behind triggers and watches, as in the deployed templates."""

from __future__ import annotations

import json
from collections.abc import Sequence

from leeward.infra.inputs.watch_config import RUN_WATCH, run_watch_input, state_machine_arn
from leeward.infra.permissions.grants.resource_usage import CallParameters, RegionResources, TaskUsage
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.deployment import board_event, readiness_event, trigger_definitions


def collect_trigger_usage(region_resources: RegionResources, runbooks: Sequence[BuiltRunbook]) -> dict[str, TaskUsage]:
    """Return the usage of each of these tasks in a Region. `runbooks` are the application's runbooks."""
    calls: dict[str, list[CallParameters]] = {}
    watched = run_watch_input(region_resources.region, runbooks)
    if watched is not None:
        calls[RUN_WATCH] = [watched]
    for built in readiness_event.select_checked_runbooks(runbooks, region_resources.region):
        calls.setdefault(readiness_event.TASK_NAME, []).append(readiness_event.build_readiness_input(built, runbooks))
    if readiness_event.select_checked_runbooks(runbooks, region_resources.region):
        calls[board_event.TASK_NAME] = [board_event.build_event(runbooks, region_resources.region)]
    for built in runbooks:
        application, runbook, machine = built.application, built.runbook, state_machine_arn(built)
        probe = trigger_definitions.probe_inputs(application, runbook).get(region_resources.region)
        if probe is not None:
            calls.setdefault(trigger_definitions.PROBE_TASK, []).append(probe)
        if built.compiled.run_regions.target != region_resources.region:
            continue
        if trigger_definitions.get_alarm(runbook) is not None:
            template = trigger_definitions.alarm_input_template(application, runbook, machine)
            calls.setdefault(trigger_definitions.START_TASK, []).append(json.loads(template))
        if trigger_definitions.get_schedule(runbook) is not None:
            for task, build_input in (
                (trigger_definitions.START_DRILL_TASK, trigger_definitions.schedule_input),
                (trigger_definitions.DRILL_WATCH_TASK, trigger_definitions.drill_watch_input),
            ):
                calls.setdefault(task, []).append(json.loads(build_input(application, runbook, machine)))
    return {task: TaskUsage(task, region_resources, tuple(parameters)) for task, parameters in calls.items()}


def list_probe_regions(runbooks: Sequence[BuiltRunbook]) -> list[str]:
    """Return the Regions that probe an origin, sorted. Some are neither of the application's two Regions."""
    return sorted(
        {region for built in runbooks for region in trigger_definitions.probe_inputs(built.application, built.runbook)}
    )
