"""`leeward-<application>-monitoring`: a dashboard, and alarms on the runbooks themselves, in each Region."""

from __future__ import annotations

import json
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from constructs import Construct

from leeward.common import names
from leeward.infra import watching
from leeward.infra.parts import dashboard
from leeward.infra.parts.alarms import Metric, above, above_of_all
from leeward.infra.parts.invoking import Invocation
from leeward.infra.permissions import Deployed
from leeward.infra.plan import Plan
from leeward.infra.stacks.triggers import function_arn
from leeward.state_machines import triggers
from leeward.state_machines.components import Servers

_FIGURE_HOURS = 1 / 60
_BAD_ENDS = ("ExecutionsAborted", "ExecutionsFailed", "ExecutionsTimedOut")
_UNSENT = ("InvocationDroppedCount", "InvocationsFailedToBeSentToDeadLetterCount", "TargetErrorCount")


class MonitoringStack(Stack):
    """What a person sees, and what calls a person."""

    def __init__(self, scope: Construct, name: str, *, plan: Plan, region: str, **stack: Any) -> None:
        super().__init__(scope, name, **stack)
        self._plan, self._at = plan, Deployed.named(plan.application, region)
        self._named = names.of_application(plan.name)
        self._ends()
        self._silence()
        self._defects()
        self._undelivered()
        if list(plan.application.of_kind(Servers)):
            self._replication()
        cloudwatch.CfnDashboard(
            self,
            "dashboard",
            dashboard_name=f"{self._named}-{region}",
            dashboard_body=json.dumps(dashboard.body(plan, region), sort_keys=True),
        )

    def _ends(self) -> None:
        for ready in self._plan.entering(self._at.region):
            runbook, machine = ready.runbook.runbook, watching.machine_arn(ready)
            above(
                self,
                f"{self._named}-{runbook}-failed",
                [Metric("AWS/States", end, {"StateMachineArn": machine}) for end in _BAD_ENDS],
                threshold=0,
                description=f"A run of {runbook} failed, was aborted or took too long: its last state says what to do",
                topic=self._at.topic,
            )

    def _silence(self) -> None:
        told = watching.run_watch_input(self._at.region, self._plan.runbooks)
        if told is None:
            return
        Invocation(
            self,
            "run-watch",
            rule={
                "description": f"{self._plan.name}: how long have its runs been silent?",
                "schedule_expression": watching.RUN_WATCH_RATE,
            },
            function=function_arn(self._at, watching.RUN_WATCH),
            told={"input": json.dumps(told)},
            dead_letters=None,
            hours=_FIGURE_HOURS,
        )
        above(
            self,
            f"{self._named}-run-stuck",
            [Metric(triggers.NAMESPACE, watching.RUN_SILENT, {"Application": self._plan.name}, "Maximum")],
            threshold=watching.SILENT_SECONDS,
            description=f"A run has written nothing for {watching.SILENT_SECONDS // 60} minutes: it is stuck, or "
            "waits for an answer; or nobody watches",
            topic=self._at.topic,
            periods=2,
            missing="breaching",
        )

    def _defects(self) -> None:
        above_of_all(
            self,
            f"{self._named}-defects",
            # CloudWatch's own language, and a name that holds letters, digits and hyphens alone.
            f"SELECT SUM(TaskDefect) FROM \"{triggers.NAMESPACE}\" WHERE application = '{self._plan.name}'",  # noqa: S608
            threshold=0,
            description="A task met an error that no one foresaw: the run stopped where it was, and keeps its lock",
            topic=self._at.topic,
        )

    def _undelivered(self) -> None:
        queue = names.undelivered(self._plan.name)
        above(
            self,
            queue,
            [Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue}, "Maximum")],
            threshold=0,
            description="An alarm or a schedule was to start a run, and could not: look into the queue of this name",
            topic=self._at.topic,
        )
        if any(triggers.schedule_of(ready.runbook) for ready in self._plan.entering(self._at.region)):
            above(
                self,
                f"{self._named}-schedules-failed",
                [Metric("AWS/Scheduler", unsent, {"ScheduleGroup": self._named}) for unsent in _UNSENT],
                threshold=0,
                description="A schedule could not start its drill",
                topic=self._at.topic,
            )

    def _replication(self) -> None:
        rpo = int(self._plan.application.objectives.rpo.total_seconds())
        above_of_all(
            self,
            f"{self._named}-replication-lag",
            'SELECT MAX(LagDuration) FROM SCHEMA("AWS/DRS", SourceServerID)',
            threshold=rpo,
            description=f"The newest data of a server that this Region protects is older than the objective, {rpo} s. "
            "DRS tells no tags with its figures: the server may be another application's",
            topic=self._at.topic,
        )
        # DRS tells of a stall as an event, as best it can; the lag above grows in any case.
        events.CfnRule(
            self,
            "stalled",
            description="A server's replication has stalled and needs a person",
            state="ENABLED",
            event_pattern={
                "source": ["aws.drs"],
                "detail-type": ["DRS Source Server Data Replication Stalled Change"],
                "detail": {"state": ["STALLED"]},
            },
            targets=[events.CfnRule.TargetProperty(id="topic", arn=self._at.topic)],
        )
