"""An application on a healthy day, drilled lately; readiness looks through its own Lambda function."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from leeward.common.aws.tables.state_table import StateTable
from leeward.common.naming import resource_names
from leeward.control.run import run_index
from leeward.control.run.run_reference import RunRef
from leeward.infra.permissions import RegionResources, collect_permissions
from leeward.infra.permissions import merge_statements as stated
from leeward.readiness.model.findings import ReadinessReport
from leeward.rehearsal.scenarios.scenario_documents import UserSettings
from leeward.rehearsal.scenarios.scenario_loader import load_world_document
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.worlds.world_builder import World
from leeward.state_machines.active_routing import select_deployed
from leeward.state_machines.build import BuiltRunbook, build_runbooks
from leeward.state_machines.deployment.readiness_event import build_readiness_input
from leeward.twin.policies.call_authorizer import CallAuthorizer
from leeward.twin.policies.evaluation.policy_documents import read_statements
from leeward.twin.policies.function_role import FunctionRole
from tests.support.paths import REPOSITORY
from tests.support.website_session import WEST, compile_website, drill_scenario

RUNBOOKS = ("failover", "failback", "drill", "failback-drill")


@dataclass(frozen=True)
class HealthyWorld:
    """One world, into which a defect is planted and out of which it is taken again."""

    stage: RehearsalSession
    readies: dict[str, BuiltRunbook]

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
    def table(self) -> StateTable:
        return StateTable(self.stage.engine.client("dynamodb", self.target), resource_names.table_name(self.name))

    @property
    def account(self) -> str:
        return self.stage.application.account

    def client(self, service: str, region: str | None = None) -> Any:
        return self.stage.engine.client(service, region or self.target)

    def server(self, group: str = "database") -> Any:
        wanted = self.world.source_servers[group][0]
        return next(server for server in self.world.drs.servers(WEST) if server.server_id == wanted)

    def check_readiness(self, runbook: str = "failover", **changed: Any) -> ReadinessReport:
        """As the schedule does: the function is invoked with what the documents say."""
        event = build_readiness_input(self.readies[runbook], list(self.readies.values()))
        event |= changed
        function = resource_names.function_name(self.name, "readiness")
        answer = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        text = answer["Payload"].read()
        assert "FunctionError" not in answer, text
        return ReadinessReport.model_validate_json(text)

    @contextmanager
    def with_role_enforced(self) -> Iterator[tuple[CallAuthorizer, set[str]]]:
        """Each call of readiness is judged by the role that the templates give it; with the actions of that role."""
        every = select_deployed(list(self.readies.values()))
        at = RegionResources.from_names(self.stage.application, self.target)
        allowed = collect_permissions(at, every)["readiness"]
        statements = read_statements([{"Statement": [dict(each) for each in stated(allowed)]}])
        self.stage.engine.interceptor.authorizer = guard = CallAuthorizer(
            self.account,
            {"readiness": FunctionRole("readiness", statements)},
            lambda _region, function: "readiness" if function.endswith("-readiness") else None,
            self.stage.engine.clock.now,
        )
        try:
            yield guard, {action for each in allowed if each.called_via is None for action in each.actions}
        finally:
            self.stage.engine.interceptor.authorizer = self.stage.guard

    def record_drill(
        self, runbook: str, *, ago: timedelta, took: timedelta = timedelta(minutes=20), outcome: str
    ) -> None:
        """The register has a run of `runbook` that ended so long ago."""
        ended = self.stage.engine.clock.now() - ago
        run = RunRef(
            id=f"{self.name}.{runbook}.{ended:%Y%m%d%H%M}", application=self.name, runbook=runbook,
            origin=self.stage.application.regions.primary, target=self.target, started_at=ended - took,
        )  # fmt: skip
        run_index.add_run(self.table, run, "arn:aws:states:x")
        run_index.close_run(self.table, run, "arn:aws:states:x", ended_at=ended, outcome=outcome)


@contextmanager
def healthy_website() -> Iterator[HealthyWorld]:
    readies = {name: compile_website(name=name) for name in RUNBOOKS}
    also = [ready for name, ready in readies.items() if name != "failover"]
    output = load_world_document(REPOSITORY / "workloads", "website").model_copy(
        update={"users": UserSettings(count=1)}
    )
    with RehearsalSession(readies["failover"], output, drill_scenario(failed_region=None), 7, also) as stage:
        stage.wait_until(stage.engine.clock.now() + timedelta(minutes=15))
        day = HealthyWorld(stage, readies)
        day.record_drill("drill", ago=timedelta(days=7), outcome="succeeded")
        yield day


@contextmanager
def healthy_service() -> Iterator[HealthyWorld]:
    """The ticketing service."""
    every = build_runbooks(REPOSITORY / "runbooks")
    readies = {ready.runbook.runbook: ready for ready in every if ready.application.application == "ticketing"}
    output = load_world_document(REPOSITORY / "workloads", "ticketing").model_copy(
        update={"users": UserSettings(count=1)}
    )
    with RehearsalSession(
        readies["failover"], output, drill_scenario(failed_region=None), 7, select_deployed(list(readies.values()))
    ) as stage:
        stage.wait_until(stage.engine.clock.now() + timedelta(minutes=3))
        day = HealthyWorld(stage, readies)
        day.record_drill("drill", ago=timedelta(days=7), outcome="succeeded")
        yield day
