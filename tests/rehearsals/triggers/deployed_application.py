"""A deployed application on a stage: things happen to it, and runs begin or do not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from leeward.common.aws.tables.state_table import StateTable
from leeward.infra.inputs.deployment_plan import load_plan
from leeward.rehearsal.scenarios.scenario_documents import OperatorSettings, UserSettings
from leeward.rehearsal.scenarios.scenario_loader import load_world_document
from leeward.rehearsal.session.rehearsal_session import DEFAULT_START, RehearsalSession
from leeward.rehearsal.worlds.leeward_deployment import LeewardDeployment
from leeward.state_machines.build import BuiltRunbook
from leeward.twin.events.alarms.metric_alarms import AlarmState
from leeward.twin.events.event_services import EventServices
from leeward.twin.events.eventbridge import event_documents
from leeward.twin.events.eventbridge.event_documents import AlarmStatus, EventSource
from leeward.twin.templates.cloud_assembly import CloudAssembly
from tests.support.paths import REPOSITORY
from tests.support.website_session import EAST, WEST, drill_scenario

ACCOUNT = "111122223333"
FAILOVER_ALARM = "leeward-website-failover"
# As few as there may be: what they see is not looked at here.
_USERS = {"website": UserSettings(count=1), "ticketing": UserSettings(count=1, every=timedelta(minutes=1))}


@dataclass(frozen=True)
class DeployedApplication:
    """The stage, and what is live on it."""

    stage: RehearsalSession
    events: EventServices

    def pass_minutes(self, count: float) -> None:
        """Let them pass."""
        self.stage.engine.clock.sleep(count * 60)

    def started_runs(self) -> list[str]:
        """The runs that something started."""
        return [run.id for run in self.stage.runs]

    def start_verdicts(self, region: str = WEST) -> list[str]:
        """What became of each event that came to `leeward-start` there, by the time of the events."""
        table = StateTable(self.stage.engine.client("dynamodb", region), "leeward-website")
        return [str(item["verdict"]) for item in table.query("TRIGGER#website", "EVENT#")]

    def alarm_count(self, name: str = FAILOVER_ALARM) -> int:
        """How often the alarm went off."""
        return sum(c.alarm == name and c.after is AlarmState.ALARM for c in self.events.cloudwatch.changes)

    def alarm_event(self, name: str = FAILOVER_ALARM, region: str = WEST, value: AlarmState = AlarmState.ALARM) -> Any:
        """The event of a composite alarm's change, now."""
        now = self.stage.engine.clock.now()
        was = AlarmState.OK if value is AlarmState.ALARM else AlarmState.ALARM
        sender = EventSource(f"e-{region}-{now:%H%M%S%f}", ACCOUNT, region)
        named = (name, f"arn:aws:cloudwatch:{region}:{ACCOUNT}:alarm:{name}", "ALARM(a)")
        return event_documents.composite_alarm_event(
            sender, named, AlarmStatus(was, "", {}, now), AlarmStatus(value, "", {}, now)
        )

    def dead_letter_count(self, region: str = WEST) -> int:
        """How many there are in the dead-letter queue."""
        url = f"https://sqs.{region}.amazonaws.com/{ACCOUNT}/leeward-website-undelivered"
        asked = {"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"]}
        answer = self.stage.engine.client("sqs", region).get_queue_attributes(**asked)
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])


@cache
def _deployed_runbooks() -> dict[str, dict[str, BuiltRunbook]]:
    """By application, those that are deployed: of the routing that is in use."""
    return {
        name: {ready.runbook.runbook: ready for ready in load_plan(name, "example").runbooks}
        for name in ("website", "ticketing")
    }


@contextmanager
def deployed_application(
    assembly: CloudAssembly,
    *,
    application: str = "website",
    main: str = "failover",
    failed_region: str | None = EAST,
    beginning: datetime = DEFAULT_START,
    operator: OperatorSettings | None = None,
    live: bool = True,
) -> Iterator[DeployedApplication]:
    """The application as `assembly` deploys it. `failed_region` fails after five minutes.

    Without `live` nothing fires by itself: no alarm, no rule, no schedule.
    """
    readies = _deployed_runbooks()[application]
    others = [ready for name, ready in readies.items() if name != main]
    world = load_world_document(REPOSITORY / "workloads", application).model_copy(update={"users": _USERS[application]})
    deployment = LeewardDeployment(assembly)
    with RehearsalSession(
        readies[main],
        world,
        drill_scenario(failed_region=failed_region, operator=operator),
        7,
        others,
        deployment=deployment,
        start=beginning,
    ) as stage:
        events = EventServices(stage.engine, deployment.own_stacks if live else CloudAssembly([]))
        events.forward_drs_events(stage.world.drs)
        yield DeployedApplication(stage, events)


__all__ = ["ACCOUNT", "EAST", "FAILOVER_ALARM", "WEST", "DeployedApplication", "deployed_application"]
