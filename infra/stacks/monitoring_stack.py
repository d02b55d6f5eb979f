"""`leeward-<application>-monitoring`: a dashboard and alarms for the runs, in each Region."""

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
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.deployment import trigger_definitions

_METRIC_RETRY_HOURS = 1 / 60
_FAILURE_METRICS = ("ExecutionsAborted", "ExecutionsFailed", "ExecutionsTimedOut")
_SCHEDULER_FAILURE_METRICS = (
    "InvocationDroppedCount",
    "InvocationsFailedToBeSentToDeadLetterCount",
    "TargetErrorCount",
)


class MonitoringStack(Stack):
    """The dashboard for operators, and the alarms that notify them."""

    def __init__(self, scope: Construct, name: str, *, plan: DeploymentPlan, region: str, **stack: Any) -> None:
        super().__init__(scope, name, **stack)
        self._plan, self._resources = plan, RegionResources.from_names(plan.application, region)
        self._prefix = resource_names.application_prefix(plan.name)
        self._add_failure_alarms()
        self._add_stuck_run_alarm()
        self._add_defect_alarm()
        self._add_undelivered_alarms()
        if list(plan.application.components_of_kind(ServerGroupComponent)):
            self._add_replication_alarms()
        cloudwatch.CfnDashboard(
            self,
            "dashboard",
            dashboard_name=f"{self._prefix}-{region}",
            dashboard_body=json.dumps(dashboard.build_dashboard_body(plan, region), sort_keys=True),
        )

    def _add_failure_alarms(self) -> None:
        for built in self._plan.runbooks_entering(self._resources.region):
            runbook, machine = built.runbook.runbook, watch_config.state_machine_arn(built)
            create_threshold_alarm(
                self,
                f"{self._prefix}-{runbook}-failed",
                [AlarmMetric("AWS/States", end, {"StateMachineArn": machine}) for end in _FAILURE_METRICS],
                threshold=0,
                description=f"A run of {runbook} failed, was aborted, or timed out. Its last state says what to do",
                topic=self._resources.topic,
            )

    def _add_stuck_run_alarm(self) -> None:
        watch_input = watch_config.run_watch_input(self._resources.region, self._plan.runbooks)
        if watch_input is None:
            return
        InvocationRule(
            self,
            "run-watch",
            rule={
                "description": f"{self._plan.name}: measure how long its runs have made no progress",
                "schedule_expression": watch_config.RUN_WATCH_RATE,
            },
            function=build_function_arn(self._resources, watch_config.RUN_WATCH),
            target_input={"input": json.dumps(watch_input)},
            dead_letters=None,
            retry_hours=_METRIC_RETRY_HOURS,
        )
        create_threshold_alarm(
            self,
            f"{self._prefix}-run-stuck",
            [
                AlarmMetric(
                    trigger_definitions.METRIC_NAMESPACE,
                    watch_config.RUN_SILENT_METRIC,
                    {"Application": self._plan.name},
                    "Maximum",
                )
            ],
            threshold=watch_config.STUCK_AFTER_SECONDS,
            description=f"A run has recorded nothing for {watch_config.STUCK_AFTER_SECONDS // 60} minutes. It is stuck "
            "or waits for an answer, or the run watch does not report",
            topic=self._resources.topic,
            periods=2,
            missing_data="breaching",
        )

    def _add_defect_alarm(self) -> None:
        create_query_alarm(
            self,
            f"{self._prefix}-defects",
            # CloudWatch Metrics Insights, not SQL. The name contains only letters, digits, and hyphens.
            f'SELECT SUM(TaskDefect) FROM "{trigger_definitions.METRIC_NAMESPACE}" WHERE application = '  # noqa: S608
            f"'{self._plan.name}'",
            threshold=0,
            description="A task raised an unexpected error. The run stopped and keeps its lock",
            topic=self._resources.topic,
        )

    def _add_undelivered_alarms(self) -> None:
        queue = resource_names.dead_letter_queue_name(self._plan.name)
        create_threshold_alarm(
            self,
            queue,
            [AlarmMetric("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue}, "Maximum")],
            threshold=0,
            description="An alarm or a schedule could not start a run. See the queue of the same name",
            topic=self._resources.topic,
        )
        if any(
            trigger_definitions.get_schedule(built.runbook)
            for built in self._plan.runbooks_entering(self._resources.region)
        ):
            create_threshold_alarm(
                self,
                f"{self._prefix}-schedules-failed",
                [
                    AlarmMetric("AWS/Scheduler", metric, {"ScheduleGroup": self._prefix})
                    for metric in _SCHEDULER_FAILURE_METRICS
                ],
                threshold=0,
                description="A schedule could not start its drill",
                topic=self._resources.topic,
            )

    def _add_replication_alarms(self) -> None:
        rpo = int(self._plan.application.objectives.rpo.total_seconds())
        create_query_alarm(
            self,
            f"{self._prefix}-replication-lag",
            'SELECT MAX(LagDuration) FROM SCHEMA("AWS/DRS", SourceServerID)',
            threshold=rpo,
            description=f"The newest data of a server that this Region protects is older than the RPO, {rpo} s. "
            "DRS metrics have no tags, so the server may belong to another application",
            topic=self._resources.topic,
        )
        # DRS sends events for stalls on a best-effort basis. The lag alarm above detects them in any case.
        events.CfnRule(
            self,
            "stalled",
            description="The replication of a server has stalled and needs an operator",
            state="ENABLED",
            event_pattern={
                "source": ["aws.drs"],
                "detail-type": ["DRS Source Server Data Replication Stalled Change"],
                "detail": {"state": ["STALLED"]},
            },
            targets=[events.CfnRule.TargetProperty(id="topic", arn=self._resources.topic)],
        )
