"""`leeward-<application>-triggers`: what starts the runbooks that enter this Region, besides a person.

Alarm: probes put a figure each minute; an alarm stands on each signal, a composite alarm on a quorum of them, a rule on
that; the rule invokes `start`, which decides and names the run. Schedule: Scheduler invokes `start_drill`.
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

# An alarm's news that is older is stale: `start` refuses it. A figure or a watch that is late is of no use at all.
_ALARM_RETRY_HOURS, _METRIC_RETRY_HOURS = 0.25, 1 / 60


class TriggersStack(Stack):
    """The alarms, rules and schedules of one Region of one application."""

    def __init__(self, scope: Construct, name: str, *, plan: DeploymentPlan, region: str, **stack: Any) -> None:
        super().__init__(scope, name, **stack)
        self._plan, self._at = plan, RegionResources.from_names(plan.application, region)
        self.dead_letters = DeadLetterQueue(
            self, "undelivered", queue_name=resource_names.dead_letter_queue_name(plan.name)
        )
        self.schedule_group = resource_names.application_prefix(plan.name)
        entering = plan.runbooks_entering(region)
        if any(trigger_definitions.get_schedule(ready.runbook) for ready in entering):
            scheduler.CfnScheduleGroup(self, "schedules", name=self.schedule_group)
        for task in (trigger_definitions.START_TASK, trigger_definitions.START_DRILL_TASK):
            if task in collect_permissions(self._at, plan.runbooks):
                self._keep_failed_events(task)
        for ready in entering:
            if trigger_definitions.get_alarm(ready.runbook) is not None:
                self._add_alarm_trigger(Construct(self, f"{ready.runbook.runbook}-alarm"), ready)
            if trigger_definitions.get_schedule(ready.runbook) is not None:
                self._add_schedule_trigger(Construct(self, f"{ready.runbook.runbook}-schedule"), ready)
        add_origin_probes(self, plan, region)
        for ready in readiness_event.select_checked_runbooks(plan.runbooks, region):
            self._add_readiness_checks(Construct(self, f"{ready.runbook.runbook}-readiness"), ready)
        standby = plan.application.regions.standby
        if region != standby and readiness_event.select_checked_runbooks(plan.runbooks, standby):
            self._forward_deployment_events(standby)

    def _keep_failed_events(self, task: str) -> None:
        """Lambda takes an event before it is dealt with: what the function then fails on, thrice, is kept too."""
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

    def _add_alarm_trigger(self, scope: Construct, ready: BuiltRunbook) -> None:
        application, runbook = ready.application, ready.runbook
        trigger = trigger_definitions.get_alarm(runbook)
        signals = [
            alarms.create_signal_alarm(scope, alarm)
            for alarm in trigger_definitions.signal_alarms(application, runbook)
        ]
        called = [alarm.name for alarm in trigger_definitions.signal_alarms(application, runbook)]
        composite = cloudwatch.CfnCompositeAlarm(
            scope,
            "quorum",
            alarm_name=trigger_definitions.composite_alarm_name(application, runbook),
            alarm_description=f"{ready.compiled.run_regions.origin} is unhealthy, as "
            f"{trigger.quorum if trigger else 0} of "
            f"{len(called)} views from outside of it agree: {runbook.runbook} is prepared",
            alarm_rule=trigger_definitions.quorum_rule(called, trigger.quorum if trigger else len(called)),
        )
        for signal in signals:
            composite.add_resource_dependency(signal)
        InvocationRule(
            scope,
            "start",
            rule={
                "description": f"{runbook.runbook} of {application.application}: its alarm went off",
                "event_pattern": trigger_definitions.alarm_event_pattern(application, runbook),
            },
            function=self._function_arn(trigger_definitions.START_TASK),
            target_input={
                "input_transformer": {
                    "inputPathsMap": dict(trigger_definitions.ALARM_INPUT_PATHS),
                    "inputTemplate": trigger_definitions.alarm_input_template(
                        application, runbook, state_machine_arn(ready)
                    ),
                }
            },
            dead_letters=self.dead_letters,
            retry_hours=_ALARM_RETRY_HOURS,
        )

    def _add_schedule_trigger(self, scope: Construct, ready: BuiltRunbook) -> None:
        application, runbook, machine = ready.application, ready.runbook, state_machine_arn(ready)
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
                "description": f"{runbook.runbook} of {application.application}: when did it last succeed?",
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
            self._at.topic,
            f"No {runbook.runbook} of {application.application} has succeeded in time, or nobody knows of one",
        )

    def _add_readiness_checks(self, scope: Construct, ready: BuiltRunbook) -> None:
        """Every half hour and after each deployment: would it succeed? An alarm says no, or that nobody has looked."""
        application, runbook = ready.application.application, ready.runbook.runbook
        InvocationRule(
            scope,
            "look",
            rule={
                "description": f"{runbook} of {application}: would it succeed if it were started now?",
                "schedule_expression": readiness_event.CHECK_RATE,
            },
            function=self._function_arn(readiness_event.TASK_NAME),
            target_input={"input": readiness_event.build_event_text(ready, self._plan.runbooks)},
            dead_letters=None,
            retry_hours=_METRIC_RETRY_HOURS,
        )
        InvocationRule(
            scope,
            "deployed",
            rule={
                "description": f"{runbook} of {application}: would it succeed after what was deployed?",
                "event_pattern": readiness_event.deployment_event_pattern(ready.application),
            },
            function=self._function_arn(readiness_event.TASK_NAME),
            target_input={"input": readiness_event.build_event_text(ready, self._plan.runbooks)},
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
            self._at.topic,
            f"{runbook} of {application} would not succeed now, or nobody has looked: leeward readiness {application}",
        )

    def _forward_deployment_events(self, standby: str) -> None:
        """CloudFormation tells the bus of its own Region alone, and readiness looks from the standby Region."""
        account = self._plan.application.account
        ForwardingRule(
            self,
            "deployed",
            rule={
                "description": f"{self._plan.name}: what is deployed here is looked at from {standby}",
                "event_pattern": readiness_event.deployment_event_pattern(self._plan.application),
            },
            bus=f"arn:aws:events:{standby}:{account}:event-bus/default",
            account=account,
            path=f"/leeward/{self._plan.name}/forward/",
        )

    def _function_arn(self, task: str) -> str:
        return build_function_arn(self._at, task)


def add_origin_probes(scope: Construct, plan: DeploymentPlan, region: str) -> None:
    """The rules that have this Region look, once a minute, at the origins that it is to look at."""
    at = RegionResources.from_names(plan.application, region)
    for ready in plan.runbooks:
        told = trigger_definitions.probe_inputs(ready.application, ready.runbook).get(region)
        if told is not None:
            InvocationRule(
                scope,
                f"{ready.runbook.runbook}-probe",
                rule={
                    "description": f"{ready.runbook.runbook} of {plan.name}: look at "
                    f"{ready.compiled.run_regions.origin}",
                    "schedule_expression": trigger_definitions.PROBE_RATE,
                },
                function=build_function_arn(at, trigger_definitions.PROBE_TASK),
                target_input={"input": json.dumps(told)},
                dead_letters=None,
                retry_hours=_METRIC_RETRY_HOURS,
            )


def build_function_arn(resources: RegionResources, task: str) -> str:
    """Of a task's function, by the scheme of names."""
    name = resource_names.function_name(resources.application.application, task)
    return f"arn:aws:lambda:{resources.region}:{resources.application.account}:function:{name}"
