"""EventBridge Scheduler schedules that start drills."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from leeward.infra.constructs.event_rules import DeadLetterQueue
from leeward.state_machines.runbook.triggers import ScheduleTrigger

_Schedule = scheduler.CfnSchedule
# A drill that can't be started within this time is missed. The next one follows, and an alarm reports the missed one.
_MAX_EVENT_AGE_SECONDS, _MAX_RETRIES = 3600, 10


class DrillSchedule(Construct):
    """The schedule of one drill, with a role that may only invoke the function that starts drills."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        schedule_name: str,
        group: str,
        trigger: ScheduleTrigger,
        function: str,
        target_input: str,
        dead_letters: DeadLetterQueue,
        account: str,
    ) -> None:
        """Create the schedule. `function` is the function's ARN. `target_input` is its input: JSON with Scheduler's
        context attributes.
        """
        super().__init__(scope, name)
        role = iam.Role(
            self,
            "role",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": account}}
            ),
            path=f"/leeward/{group.removeprefix('leeward-')}/schedule/",
            description=f"{schedule_name}: invokes the function that starts drills",
            inline_policies={
                "own": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[function]),
                        iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[dead_letters.arn]),
                    ]
                )
            },
        )
        window = trigger.window
        _Schedule(
            self,
            "schedule",
            name=schedule_name,
            group_name=group,
            schedule_expression=trigger.expression,
            schedule_expression_timezone=trigger.timezone,
            flexible_time_window=_Schedule.FlexibleTimeWindowProperty(
                mode="FLEXIBLE" if window else "OFF",
                maximum_window_in_minutes=int(window.total_seconds() // 60) if window else None,
            ),
            state="ENABLED",
            target=_Schedule.TargetProperty(
                arn=function,
                role_arn=role.role_arn,
                input=target_input,
                retry_policy=_Schedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=_MAX_EVENT_AGE_SECONDS, maximum_retry_attempts=_MAX_RETRIES
                ),
                dead_letter_config=_Schedule.DeadLetterConfigProperty(arn=dead_letters.arn),
            ),
        )
