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

from leeward.common import names
from leeward.infra.parts import alarms
from leeward.infra.parts.invoking import DeadLetters, Forwarding, Invocation
from leeward.infra.parts.schedules import DrillSchedule
from leeward.infra.permissions import Deployed, permissions_of
from leeward.infra.plan import Plan
from leeward.infra.watching import machine_arn
from leeward.state_machines import readiness, triggers
from leeward.state_machines.tree import Ready

# An alarm's news that is older is stale: `start` refuses it. A figure or a watch that is late is of no use at all.
_NEWS_HOURS, _FIGURE_HOURS = 0.25, 1 / 60


class TriggersStack(Stack):
    """The alarms, rules and schedules of one Region of one application."""

    def __init__(self, scope: Construct, name: str, *, plan: Plan, region: str, **stack: Any) -> None:
        super().__init__(scope, name, **stack)
        self._plan, self._at = plan, Deployed.named(plan.application, region)
        self.dead_letters = DeadLetters(self, "undelivered", queue_name=names.undelivered(plan.name))
        self.schedule_group = names.of_application(plan.name)
        entering = plan.entering(region)
        if any(triggers.schedule_of(ready.runbook) for ready in entering):
            scheduler.CfnScheduleGroup(self, "schedules", name=self.schedule_group)
        for task in (triggers.START, triggers.START_DRILL):
            if task in permissions_of(self._at, plan.runbooks):
                self._keep_failures(task)
        for ready in entering:
            if triggers.alarm_of(ready.runbook) is not None:
                self._alarm(Construct(self, f"{ready.runbook.runbook}-alarm"), ready)
            if triggers.schedule_of(ready.runbook) is not None:
                self._schedule(Construct(self, f"{ready.runbook.runbook}-schedule"), ready)
        probe_origins(self, plan, region)
        for ready in readiness.looked_at(plan.runbooks, region):
            self._readiness(Construct(self, f"{ready.runbook.runbook}-readiness"), ready)
        standby = plan.application.regions.standby
        if region != standby and readiness.looked_at(plan.runbooks, standby):
            self._tell_of_deployments(standby)

    def _keep_failures(self, task: str) -> None:
        """Lambda takes an event before it is dealt with: what the function then fails on, thrice, is kept too."""
        lambda_.CfnEventInvokeConfig(
            self,
            f"{task}-failures",
            function_name=names.function(self._plan.name, task),
            qualifier="$LATEST",
            maximum_retry_attempts=2,
            maximum_event_age_in_seconds=int(_NEWS_HOURS * 3600),
            destination_config=lambda_.CfnEventInvokeConfig.DestinationConfigProperty(
                on_failure=lambda_.CfnEventInvokeConfig.OnFailureProperty(destination=self.dead_letters.arn)
            ),
        )

    def _alarm(self, scope: Construct, ready: Ready) -> None:
        application, runbook = ready.application, ready.runbook
        trigger = triggers.alarm_of(runbook)
        signals = [alarms.of_signal(scope, alarm) for alarm in triggers.signal_alarms(application, runbook)]
        called = [alarm.name for alarm in triggers.signal_alarms(application, runbook)]
        composite = cloudwatch.CfnCompositeAlarm(
            scope,
            "quorum",
            alarm_name=triggers.composite_name(application, runbook),
            alarm_description=f"{ready.compiled.way.origin} is unhealthy, as {trigger.quorum if trigger else 0} of "
            f"{len(called)} views from outside of it agree: {runbook.runbook} is prepared",
            alarm_rule=triggers.quorum_rule(called, trigger.quorum if trigger else len(called)),
        )
        for signal in signals:
            composite.add_resource_dependency(signal)
        Invocation(
            scope,
            "start",
            rule={
                "description": f"{runbook.runbook} of {application.application}: its alarm went off",
                "event_pattern": triggers.alarm_event_pattern(application, runbook),
            },
            function=self._function(triggers.START),
            told={
                "input_transformer": {
                    "inputPathsMap": dict(triggers.ALARM_INPUT_PATHS),
                    "inputTemplate": triggers.alarm_input_template(application, runbook, machine_arn(ready)),
                }
            },
            dead_letters=self.dead_letters,
            hours=_NEWS_HOURS,
        )

    def _schedule(self, scope: Construct, ready: Ready) -> None:
        application, runbook, machine = ready.application, ready.runbook, machine_arn(ready)
        trigger = triggers.schedule_of(runbook)
        if trigger is None:
            return
        DrillSchedule(
            scope,
            "drill",
            schedule_name=names.state_machine(application.application, runbook.runbook),
            group=self.schedule_group,
            trigger=trigger,
            function=self._function(triggers.START_DRILL),
            told=triggers.schedule_input(application, runbook, machine),
            dead_letters=self.dead_letters,
            account=application.account,
        ).node.add_dependency(self.node.find_child("schedules"))
        Invocation(
            scope,
            "watch",
            rule={
                "description": f"{runbook.runbook} of {application.application}: when did it last succeed?",
                "schedule_expression": triggers.DRILL_WATCH_RATE,
            },
            function=self._function(triggers.DRILL_WATCH),
            told={"input": triggers.drill_watch_input(application, runbook, machine)},
            dead_letters=None,
            hours=_FIGURE_HOURS,
        )
        alarms.of_watch(
            scope,
            triggers.drill_overdue_alarm(application, runbook),
            self._at.topic,
            f"No {runbook.runbook} of {application.application} has succeeded in time, or nobody knows of one",
        )

    def _readiness(self, scope: Construct, ready: Ready) -> None:
        """Every half hour and after each deployment: would it succeed? An alarm says no, or that nobody has looked."""
        application, runbook = ready.application.application, ready.runbook.runbook
        Invocation(
            scope,
            "look",
            rule={
                "description": f"{runbook} of {application}: would it succeed if it were started now?",
                "schedule_expression": readiness.RATE,
            },
            function=self._function(readiness.TASK),
            told={"input": readiness.event_text(ready, self._plan.runbooks)},
            dead_letters=None,
            hours=_FIGURE_HOURS,
        )
        Invocation(
            scope,
            "deployed",
            rule={
                "description": f"{runbook} of {application}: would it succeed after what was deployed?",
                "event_pattern": readiness.deployed_pattern(ready.application),
            },
            function=self._function(readiness.TASK),
            told={"input": readiness.event_text(ready, self._plan.runbooks)},
            dead_letters=None,
            hours=_FIGURE_HOURS,
        )
        alarms.of_watch(
            scope,
            triggers.SignalAlarm(
                name=f"leeward-{application}-{runbook}-not-ready",
                namespace=triggers.NAMESPACE,
                metric=readiness.METRIC,
                dimensions={"Application": application, "Runbook": runbook},
                statistic="Minimum",
                comparison="LessThanThreshold",
                threshold=1,
                minutes=60,
            ),
            self._at.topic,
            f"{runbook} of {application} would not succeed now, or nobody has looked: leeward readiness {application}",
        )

    def _tell_of_deployments(self, standby: str) -> None:
        """CloudFormation tells the bus of its own Region alone, and readiness looks from the standby Region."""
        account = self._plan.application.account
        Forwarding(
            self,
            "deployed",
            rule={
                "description": f"{self._plan.name}: what is deployed here is looked at from {standby}",
                "event_pattern": readiness.deployed_pattern(self._plan.application),
            },
            bus=f"arn:aws:events:{standby}:{account}:event-bus/default",
            account=account,
            path=f"/leeward/{self._plan.name}/forward/",
        )

    def _function(self, task: str) -> str:
        return function_arn(self._at, task)


def probe_origins(scope: Construct, plan: Plan, region: str) -> None:
    """The rules that have this Region look, once a minute, at the origins that it is to look at."""
    at = Deployed.named(plan.application, region)
    for ready in plan.runbooks:
        told = triggers.probes(ready.application, ready.runbook).get(region)
        if told is not None:
            Invocation(
                scope,
                f"{ready.runbook.runbook}-probe",
                rule={
                    "description": f"{ready.runbook.runbook} of {plan.name}: look at {ready.compiled.way.origin}",
                    "schedule_expression": triggers.PROBE_RATE,
                },
                function=function_arn(at, triggers.PROBE),
                told={"input": json.dumps(told)},
                dead_letters=None,
                hours=_FIGURE_HOURS,
            )


def function_arn(at: Deployed, task: str) -> str:
    """Of a task's function, by the scheme of names."""
    name = names.function(at.application.application, task)
    return f"arn:aws:lambda:{at.region}:{at.application.account}:function:{name}"
