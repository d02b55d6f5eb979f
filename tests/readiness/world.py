"""The website on a healthy day, drilled lately; readiness looks through its own Lambda function."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from common import names
from common.table import Table
from control import register
from control.run import RunRef
from readiness.findings import Readiness
from state_machines.readiness import subject
from state_machines.tree import Ready
from tests.rehearsals.drills import EAST, ROOT, WEST, scenario, website
from twin.library import world_of
from twin.stage import Stage
from twin.world.build import World
from twin.world.documents import Users

RUNBOOKS = ("failover", "failback", "drill", "failback-drill")


@dataclass(frozen=True)
class Day:
    """One world, into which a defect is planted and out of which it is taken again."""

    stage: Stage
    readies: dict[str, Ready]

    @property
    def world(self) -> World:
        return self.stage.world

    @property
    def table(self) -> Table:
        return Table(self.stage.engine.client("dynamodb", WEST), names.table("website"))

    @property
    def account(self) -> str:
        return self.stage.application.account

    def client(self, service: str, region: str = WEST) -> Any:
        return self.stage.engine.client(service, region)

    def server(self, group: str = "database") -> Any:
        wanted = self.world.servers[group][0]
        return next(server for server in self.world.drs.servers(WEST) if server.server_id == wanted)

    def look(self, runbook: str = "failover", **changed: Any) -> Readiness:
        """As the schedule does: the function is invoked with what the documents say."""
        event = subject(self.readies[runbook], list(self.readies.values()))
        event |= {"functions": "leeward-", **changed}
        answer = self.client("lambda").invoke(FunctionName="leeward-readiness", Payload=json.dumps(event))
        text = answer["Payload"].read()
        assert "FunctionError" not in answer, text
        return Readiness.model_validate_json(text)

    def drilled(self, runbook: str, *, ago: timedelta, took: timedelta = timedelta(minutes=20), outcome: str) -> None:
        """The register has a run of `runbook` that ended so long ago."""
        ended = self.stage.engine.clock.now() - ago
        run = RunRef(
            id=f"website.{runbook}.{ended:%Y%m%d%H%M}", application="website", runbook=runbook, origin=EAST,
            target=WEST, started_at=ended - took,
        )  # fmt: skip
        register.enter(self.table, run, "arn:aws:states:x")
        register.close(self.table, run, "arn:aws:states:x", ended_at=ended, outcome=outcome)


@contextmanager
def healthy_day() -> Iterator[Day]:
    readies = {name: website(name=name) for name in RUNBOOKS}
    also = [ready for name, ready in readies.items() if name != "failover"]
    told = world_of(ROOT / "workloads", "website").model_copy(update={"users": Users(count=1)})
    with Stage(readies["failover"], told, scenario(dark=None), 7, also) as stage:
        stage.wait_until(stage.engine.clock.now() + timedelta(minutes=15))
        day = Day(stage, readies)
        day.drilled("drill", ago=timedelta(days=7), outcome="succeeded")
        yield day
