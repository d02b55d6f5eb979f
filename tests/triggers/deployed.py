"""A deployed application on a stage: things happen to it, and runs begin or do not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from leeward.common.table import Table
from leeward.infra.plan import plan
from leeward.state_machines.tree import Ready
from leeward.twin.events import shapes
from leeward.twin.events.alarms import State
from leeward.twin.events.shapes import Judged, Sender
from leeward.twin.events.wiring import Events
from leeward.twin.library import world_of
from leeward.twin.stage import BEGINNING, Stage
from leeward.twin.templates.assembly import Assembly
from leeward.twin.templates.deployment import Deployment
from leeward.twin.world.documents import Operator, Users
from tests.rehearsals.drills import EAST, ROOT, WEST, scenario

ACCOUNT = "111122223333"
FAILOVER_ALARM = "leeward-website-failover"
# As few as there may be: what they see is not looked at here.
_USERS = {"website": Users(count=1), "ticketing": Users(count=1, every=timedelta(minutes=1))}


@dataclass(frozen=True)
class Deployed:
    """The stage, and what is live on it."""

    stage: Stage
    events: Events

    def minutes(self, count: float) -> None:
        """Let them pass."""
        self.stage.engine.clock.sleep(count * 60)

    def started(self) -> list[str]:
        """The runs that something started."""
        return [run.id for run in self.stage.runs]

    def verdicts(self, region: str = WEST) -> list[str]:
        """What became of each event that came to `leeward-start` there, by the time of the events."""
        table = Table(self.stage.engine.client("dynamodb", region), "leeward-website")
        return [str(item["verdict"]) for item in table.query("TRIGGER#website", "EVENT#")]

    def alarmed(self, name: str = FAILOVER_ALARM) -> int:
        """How often the alarm went off."""
        return sum(c.alarm == name and c.after is State.ALARM for c in self.events.cloudwatch.changes)

    def alarm_event(self, name: str = FAILOVER_ALARM, region: str = WEST, value: State = State.ALARM) -> Any:
        """The event of a composite alarm's change, now."""
        now = self.stage.engine.clock.now()
        was = State.OK if value is State.ALARM else State.ALARM
        sender = Sender(f"e-{region}-{now:%H%M%S%f}", ACCOUNT, region)
        named = (name, f"arn:aws:cloudwatch:{region}:{ACCOUNT}:alarm:{name}", "ALARM(a)")
        return shapes.composite_alarm_event(sender, named, Judged(was, "", {}, now), Judged(value, "", {}, now))

    def letters(self, region: str = WEST) -> int:
        """How many there are in the dead-letter queue."""
        url = f"https://sqs.{region}.amazonaws.com/{ACCOUNT}/leeward-website-undelivered"
        asked = {"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"]}
        answer = self.stage.engine.client("sqs", region).get_queue_attributes(**asked)
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])


@cache
def _readies() -> dict[str, dict[str, Ready]]:
    """By application, those that are deployed: of the routing that is in use."""
    return {
        name: {ready.runbook.runbook: ready for ready in plan(name, "example").runbooks}
        for name in ("website", "ticketing")
    }


@contextmanager
def deployed(
    assembly: Assembly,
    *,
    application: str = "website",
    main: str = "failover",
    dark: str | None = EAST,
    beginning: datetime = BEGINNING,
    operator: Operator | None = None,
    live: bool = True,
) -> Iterator[Deployed]:
    """The application on a stage, as `assembly` deploys it; in five minutes the Region `dark` goes dark.

    Without `live` nothing fires by itself: no alarm, no rule, no schedule.
    """
    readies = _readies()[application]
    others = [ready for name, ready in readies.items() if name != main]
    world = world_of(ROOT / "workloads", application).model_copy(update={"users": _USERS[application]})
    deployment = Deployment(assembly)
    with Stage(
        readies[main],
        world,
        scenario(dark=dark, operator=operator),
        7,
        others,
        deployment=deployment,
        beginning=beginning,
    ) as stage:
        events = Events(stage.engine, deployment.own if live else Assembly([]))
        events.listen_to(stage.world.drs)
        yield Deployed(stage, events)


__all__ = ["ACCOUNT", "EAST", "FAILOVER_ALARM", "WEST", "Deployed", "deployed"]
