"""`leeward-<application>-triggers`: what starts the runbooks whose target is this Region automatically.

Alarm: probes publish a metric every minute. Each signal has an alarm, and a composite alarm fires on a quorum of them.
A rule then invokes `start`, which decides whether to start a run and names it. Schedule: Scheduler invokes
`start_drill`.
"""

from __future__ import annotations

import json
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from leeward.common.naming import resource_names
from leeward.infra.constructs import alarms
from leeward.infra.constructs.drill_schedule import DrillSchedule
from leeward.infra.constructs.event_rules import DeadLetterQueue, ForwardingRule, InvocationRule
from leeward.infra.inputs.deployment_plan import DeploymentPlan
from leeward.infra.inputs.watch_config import state_machine_arn
from leeward.infra.permissions import RegionResources, collect_permissions
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.deployment import readiness_event, trigger_definitions

# `start` rejects an older alarm event as stale. A late metric or watch is useless.
_ALARM_RETRY_HOURS, _METRIC_RETRY_HOURS = 0.25, 1 / 60


class TriggersStack(Stack):
    """The alarms, rules, and schedules of one application in one Region."""

    def __init__(self, scope: Construct, name: str, *, plan: DeploymentPlan, region: str, **stack: Any) -> None:
        super().__init__(scope, name, **stack)
        self._plan, self._resources = plan, RegionResources.from_names(plan.application, region)
        self.dead_letters = DeadLetterQueue(
            self, "undelivered", queue_name=resource_names.dead_letter_queue_name(plan.name)
        )
        self.schedule_group = resource_names.application_prefix(plan.name)
        entering = plan.runbooks_entering(region)
        if any(trigger_definitions.get_schedule(built.runbook) for built in entering):
            scheduler.CfnScheduleGroup(self, "schedules", name=self.schedule_group)
        for task in (trigger_definitions.START_TASK, trigger_definitions.START_DRILL_TASK):
            if task in collect_permissions(self._resources, plan.runbooks):
                self._keep_failed_events(task)
        for built in entering:
            if trigger_definitions.get_alarm(built.runbook) is not None:
                self._add_alarm_trigger(Construct(self, f"{built.runbook.runbook}-alarm"), built)
            if trigger_definitions.get_schedule(built.runbook) is not None:
                self._add_schedule_trigger(Construct(self, f"{built.runbook.runbook}-schedule"), built)
        add_origin_probes(self, plan, region)
        for built in readiness_event.select_checked_runbooks(plan.runbooks, region):
            self._add_readiness_checks(Construct(self, f"{built.runbook.runbook}-readiness"), built)
        standby = plan.application.regions.standby
        if region != standby and readiness_event.select_checked_runbooks(plan.runbooks, standby):
            self._forward_deployment_events(standby)

    def _keep_failed_events(self, task: str) -> None:
        """Keep events on which the function fails three times. Lambda accepts an event before the function handles
        it.
        """
        lambda_.CfnEventInvokeConfig(
            self,
            f"{task}-failures",
            function_name=resource_names.function_name(self._plan.name, task),
            qualifier="$LATEST",
            maximum_retry_attempts=2,
            maximum_event_age_in_seconds=int(_ALARM_RETRY_HOURS * 3600),
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=self.dead_letters.arn)
            ),
        )

    def _add_alarm_trigger(self, scope: Construct, built: BuiltRunbook) -> None:
        application, runbook = built.application, built.runbook
        trigger = trigger_definitions.get_alarm(runbook)
        signals = [
            alarms.create_signal_alarm(scope, alarm)
            for alarm in trigger_definitions.signal_alarms(application, runbook)
        ]
        alarm_names = [alarm.name for alarm in trigger_definitions.signal_alarms(application, runbook)]
        composite = cloudwatch.CfnCompositeAlarm(
            scope,
            "quorum",
            alarm_name=trigger_definitions.composite_alarm_name(application, runbook),
            alarm_description=f"{built.compiled.run_regions.origin} is unhealthy according to "
            f"{trigger.quorum if trigger else 0} of {len(alarm_names)} signals. Starts {runbook.runbook}",
            alarm_rule=trigger_definitions.quorum_rule(alarm_names, trigger.quorum if trigger else len(alarm_names)),
        )
        for signal in signals:
            composite.add_resource_dependency(signal)
        InvocationRule(
            scope,
            "start",
            rule={
                "description": f"{runbook.runbook} of {application.application}: its alarm fired",
                "event_pattern": trigger_definitions.alarm_event_pattern(application, runbook),
            },
            function=self._function_arn(trigger_definitions.START_TASK),
            target_input={
                "input_transformer": {
                    "inputPathsMap": dict(trigger_definitions.ALARM_INPUT_PATHS),
                    "inputTemplate": trigger_definitions.alarm_input_template(
                        application, runbook, state_machine_arn(built)
                    ),
                }
            },
            dead_letters=self.dead_letters,
            retry_hours=_ALARM_RETRY_HOURS,
        )

    def _add_schedule_trigger(self, scope: Construct, built: BuiltRunbook) -> None:
        application, runbook, machine = built.application, built.runbook, state_machine_arn(built)
        trigger = trigger_definitions.get_schedule(runbook)
        if trigger is None:
            return
        DrillSchedule(
            scope,
            "drill",
            schedule_name=resource_names.state_machine_name(application.application, runbook.runbook),
            group=self.schedule_group,
            trigger=trigger,
            function=self._function_arn(trigger_definitions.START_DRILL_TASK),
            target_input=trigger_definitions.schedule_input(application, runbook, machine),
            dead_letters=self.dead_letters,
            account=application.account,
        ).node.add_dependency(self.node.find_child("schedules"))
        InvocationRule(
            scope,
            "watch",
            rule={
                "description": f"{runbook.runbook} of {application.application}: check when it last succeeded",
                "schedule_expression": trigger_definitions.DRILL_WATCH_RATE,
            },
            function=self._function_arn(trigger_definitions.DRILL_WATCH_TASK),
            target_input={"input": trigger_definitions.drill_watch_input(application, runbook, machine)},
            dead_letters=None,
            retry_hours=_METRIC_RETRY_HOURS,
        )
        alarms.create_watch_alarm(
            scope,
            trigger_definitions.drill_overdue_alarm(application, runbook),
            self._resources.topic,
            f"No {runbook.runbook} of {application.application} succeeded in time, or the drill watch does not report",
        )

    def _add_readiness_checks(self, scope: Construct, built: BuiltRunbook) -> None:
        """Check readiness every half hour and after each deployment. An alarm fires when it fails or doesn't report."""
        application, runbook = built.application.application, built.runbook.runbook
        InvocationRule(
            scope,
            "look",
            rule={
                "description": f"{runbook} of {application}: check its readiness",
                "schedule_expression": readiness_event.CHECK_RATE,
            },
            function=self._function_arn(readiness_event.TASK_NAME),
            target_input={"input": readiness_event.build_event_text(built, self._plan.runbooks)},
            dead_letters=None,
            retry_hours=_METRIC_RETRY_HOURS,
        )
        InvocationRule(
            scope,
            "deployed",
            rule={
                "description": f"{runbook} of {application}: check its readiness after a deployment",
                "event_pattern": readiness_event.deployment_event_pattern(built.application),
            },
            function=self._function_arn(readiness_event.TASK_NAME),
            target_input={"input": readiness_event.build_event_text(built, self._plan.runbooks)},
            dead_letters=None,
            retry_hours=_METRIC_RETRY_HOURS,
        )
        alarms.create_watch_alarm(
            scope,
            trigger_definitions.SignalAlarm(
                name=f"leeward-{application}-{runbook}-not-ready",
                namespace=trigger_definitions.METRIC_NAMESPACE,
                metric=readiness_event.READY_METRIC,
                dimensions={"Application": application, "Runbook": runbook},
                statistic="Minimum",
                comparison="LessThanThreshold",
                threshold=1,
                minutes=60,
            ),
            self._resources.topic,
            f"{runbook} of {application} is not ready, or was not checked: run leeward readiness {application}",
        )

    def _forward_deployment_events(self, standby: str) -> None:
        """Forward CloudFormation's events to the standby Region, where readiness is checked.

        CloudFormation only sends events to the bus of its own Region.
        """
        account = self._plan.application.account
        ForwardingRule(
            self,
            "deployed",
            rule={
                "description": f"{self._plan.name}: forward deployment events to {standby}",
                "event_pattern": readiness_event.deployment_event_pattern(self._plan.application),
            },
            bus=f"arn:aws:events:{standby}:{account}:event-bus/default",
            account=account,
            path=f"/leeward/{self._plan.name}/forward/",
        )

    def _function_arn(self, task: str) -> str:
        return build_function_arn(self._resources, task)


def add_origin_probes(scope: Construct, plan: DeploymentPlan, region: str) -> None:
    """Add the rules that probe the origins from this Region once a minute."""
    resources = RegionResources.from_names(plan.application, region)
    for built in plan.runbooks:
        probe_input = trigger_definitions.probe_inputs(built.application, built.runbook).get(region)
        if probe_input is not None:
            InvocationRule(
                scope,
                f"{built.runbook.runbook}-probe",
                rule={
                    "description": f"{built.runbook.runbook} of {plan.name}: probe {built.compiled.run_regions.origin}",
                    "schedule_expression": trigger_definitions.PROBE_RATE,
                },
                function=build_function_arn(resources, trigger_definitions.PROBE_TASK),
                target_input={"input": json.dumps(probe_input)},
                dead_letters=None,
                retry_hours=_METRIC_RETRY_HOURS,
            )


def build_function_arn(resources: RegionResources, task: str) -> str:
    """Return the ARN of a task's function by its naming scheme."""
    name = resource_names.function_name(resources.application.application, task)
    return f"arn:aws:lambda:{resources.region}:{resources.application.account}:function:{name}"
