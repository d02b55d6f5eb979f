"""`leeward-<application>-monitoring`: a dashboard, and alarms on the runbooks themselves, in each Region."""

from __future__ import annotations

import json
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from constructs import Construct

from leeward.common.naming import resource_names
from leeward.infra.constructs import dashboard
from leeward.infra.constructs.alarms import AlarmMetric, create_query_alarm, create_threshold_alarm
from leeward.infra.constructs.event_rules import InvocationRule
from leeward.infra.inputs import watch_config
from leeward.infra.inputs.deployment_plan import DeploymentPlan
from leeward.infra.permissions import RegionResources
from leeward.infra.stacks.triggers_stack import build_function_arn
from leeward.state_machines.components import ServerGroupComponent
from leeward.state_machines.deployment import trigger_definitions

_METRIC_RETRY_HOURS = 1 / 60
_FAILURE_METRICS = ("ExecutionsAborted", "ExecutionsFailed", "ExecutionsTimedOut")
_SCHEDULER_FAILURE_METRICS = (
    "InvocationDroppedCount",
    "InvocationsFailedToBeSentToDeadLetterCount",
    "TargetErrorCount",
)


class MonitoringStack(Stack):
    """What a person sees, and what calls a person."""

    def __init__(self, scope: Construct, name: str, *, plan: DeploymentPlan, region: str, **stack: Any) -> None:
        super().__init__(scope, name, **stack)
        self._plan, self._at = plan, RegionResources.from_names(plan.application, region)
        self._named = resource_names.application_prefix(plan.name)
        self._add_failure_alarms()
        self._add_stuck_run_alarm()
        self._add_defect_alarm()
        self._add_undelivered_alarms()
        if list(plan.application.components_of_kind(ServerGroupComponent)):
            self._add_replication_alarms()
        cloudwatch.CfnDashboard(
            self,
            "dashboard",
            dashboard_name=f"{self._named}-{region}",
            dashboard_body=json.dumps(dashboard.build_dashboard_body(plan, region), sort_keys=True),
        )

    def _add_failure_alarms(self) -> None:
        for ready in self._plan.runbooks_entering(self._at.region):
            runbook, machine = ready.runbook.runbook, watch_config.state_machine_arn(ready)
            create_threshold_alarm(
                self,
                f"{self._named}-{runbook}-failed",
                [AlarmMetric("AWS/States", end, {"StateMachineArn": machine}) for end in _FAILURE_METRICS],
                threshold=0,
                description=f"A run of {runbook} failed, was aborted or took too long: its last state says what to do",
                topic=self._at.topic,
            )

    def _add_stuck_run_alarm(self) -> None:
        told = watch_config.run_watch_input(self._at.region, self._plan.runbooks)
        if told is None:
            return
        InvocationRule(
            self,
            "run-watch",
            rule={
                "description": f"{self._plan.name}: how long have its runs been silent?",
                "schedule_expression": watch_config.RUN_WATCH_RATE,
            },
            function=build_function_arn(self._at, watch_config.RUN_WATCH),
            target_input={"input": json.dumps(told)},
            dead_letters=None,
            retry_hours=_METRIC_RETRY_HOURS,
        )
        create_threshold_alarm(
            self,
            f"{self._named}-run-stuck",
            [
                AlarmMetric(
                    trigger_definitions.METRIC_NAMESPACE,
                    watch_config.RUN_SILENT_METRIC,
                    {"Application": self._plan.name},
                    "Maximum",
                )
            ],
            threshold=watch_config.STUCK_AFTER_SECONDS,
            description=f"A run has written nothing for {watch_config.STUCK_AFTER_SECONDS // 60} minutes: "
            f"it is stuck, or "
            "waits for an answer; or nobody watches",
            topic=self._at.topic,
            periods=2,
            missing_data="breaching",
        )

    def _add_defect_alarm(self) -> None:
        create_query_alarm(
            self,
            f"{self._named}-defects",
            # CloudWatch's own language, and a name that holds letters, digits and hyphens alone.
            f'SELECT SUM(TaskDefect) FROM "{trigger_definitions.METRIC_NAMESPACE}" WHERE application = '  # noqa: S608
            f"'{self._plan.name}'",
            threshold=0,
            description="A task met an error that no one foresaw: the run stopped where it was, and keeps its lock",
            topic=self._at.topic,
        )

    def _add_undelivered_alarms(self) -> None:
        queue = resource_names.dead_letter_queue_name(self._plan.name)
        create_threshold_alarm(
            self,
            queue,
            [AlarmMetric("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue}, "Maximum")],
            threshold=0,
            description="An alarm or a schedule was to start a run, and could not: look into the queue of this name",
            topic=self._at.topic,
        )
        if any(
            trigger_definitions.get_schedule(ready.runbook) for ready in self._plan.runbooks_entering(self._at.region)
        ):
            create_threshold_alarm(
                self,
                f"{self._named}-schedules-failed",
                [
                    AlarmMetric("AWS/Scheduler", unsent, {"ScheduleGroup": self._named})
                    for unsent in _SCHEDULER_FAILURE_METRICS
                ],
                threshold=0,
                description="A schedule could not start its drill",
                topic=self._at.topic,
            )

    def _add_replication_alarms(self) -> None:
        rpo = int(self._plan.application.objectives.rpo.total_seconds())
        create_query_alarm(
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
