"""An application on a healthy day, drilled lately; readiness looks through its own Lambda function."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from leeward.common import names
from leeward.common.table import Table
from leeward.control import register
from leeward.control.run import RunRef
from leeward.infra.permissions import Deployed, permissions_of
from leeward.infra.permissions import statements_of as stated
from leeward.readiness.findings import Readiness
from leeward.state_machines.in_use import deployed
from leeward.state_machines.readiness import subject
from leeward.state_machines.tree import Ready, ready_runbooks
from leeward.twin.library import world_of
from leeward.twin.policies.document import statements_of
from leeward.twin.policies.guard import Guard
from leeward.twin.stage import Stage
from leeward.twin.world.build import World
from leeward.twin.world.documents import Users
from tests.rehearsals.drills import ROOT, WEST, scenario, website

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
    def name(self) -> str:
        return self.stage.application.application

    @property
    def target(self) -> str:
        return self.stage.application.regions.standby

    @property
    def table(self) -> Table:
        return Table(self.stage.engine.client("dynamodb", self.target), names.table(self.name))

    @property
    def account(self) -> str:
        return self.stage.application.account

    def client(self, service: str, region: str | None = None) -> Any:
        return self.stage.engine.client(service, region or self.target)

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

    @contextmanager
    def judged(self) -> Iterator[tuple[Guard, set[str]]]:
        """Each call of readiness is judged by the role that the templates give it; with the actions of that role."""
        every = deployed(list(self.readies.values()))
        at = Deployed.named(self.stage.application, self.target)
        allowed = permissions_of(at, every)["readiness"]
        statements = statements_of([{"Statement": [dict(each) for each in stated(allowed)]}])
        self.stage.engine.wire.guard = guard = Guard(self.account, {(self.target, "leeward-readiness"): statements})
        try:
            yield guard, {action for each in allowed if each.through is None for action in each.actions}
        finally:
            self.stage.engine.wire.guard = None

    def drilled(self, runbook: str, *, ago: timedelta, took: timedelta = timedelta(minutes=20), outcome: str) -> None:
        """The register has a run of `runbook` that ended so long ago."""
        ended = self.stage.engine.clock.now() - ago
        run = RunRef(
            id=f"{self.name}.{runbook}.{ended:%Y%m%d%H%M}", application=self.name, runbook=runbook,
            origin=self.stage.application.regions.primary, target=self.target, started_at=ended - took,
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


@contextmanager
def healthy_service() -> Iterator[Day]:
    """The ticketing service."""
    every = ready_runbooks(ROOT / "runbooks")
    readies = {ready.runbook.runbook: ready for ready in every if ready.application.application == "ticketing"}
    told = world_of(ROOT / "workloads", "ticketing").model_copy(update={"users": Users(count=1)})
    with Stage(readies["failover"], told, scenario(dark=None), 7, deployed(list(readies.values()))) as stage:
        stage.wait_until(stage.engine.clock.now() + timedelta(minutes=3))
        day = Day(stage, readies)
        day.drilled("drill", ago=timedelta(days=7), outcome="succeeded")
        yield day
