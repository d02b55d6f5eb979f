"""A project for each kind's example: a sample application, with the example among its runbooks."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.session import get_session

from leeward.kinds.descriptors.step_kind import StepKind
from leeward.rehearsal.results.result_models import RehearsalResult
from leeward.rehearsal.runner.single_rehearsal import play_run
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.rehearsal.task_functions import find_task_name
from leeward.state_machines.application.run_direction import RunDirection
from leeward.state_machines.build import BuiltRunbook, build_runbook, compile_tree
from leeward.state_machines.load.document_loader import LoadedDocument, load_text
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.twin.engine import cache_definitions_in
from leeward.twin.internet.instances import GROUP_TAG
from tests.support.paths import REPOSITORY

_PARSED_DEFINITIONS = REPOSITORY / "build" / "parsed"


@dataclass(frozen=True)
class ExampleProject:
    """A project folder with one sample application, and the example among its runbooks."""

    root: Path
    application: str
    runbook: str

    @property
    def document(self) -> Path:
        """Return the path of the example."""
        return self.root / "runbooks" / self.application / f"{self.runbook}.yaml"

    @cached_property
    def built(self) -> BuiltRunbook:
        """Return the compiled example. Raises InvalidDocuments when it has an error."""
        return build_runbook(self.root / "runbooks", self.application, self.runbook)


@dataclass(frozen=True)
class ExampleRehearsal:
    """The result of a rehearsal, and the AWS services that the tasks of the kind called during the run."""

    result: RehearsalResult
    called_services: frozenset[str]


def create_example_project(root: Path, kind: StepKind) -> ExampleProject:
    """Create the project of the kind's example in `root`. For a failback, it also has the sample's failovers."""
    name = Path(kind.example.rpartition(":")[2]).stem
    loaded = load_text(kind.example_text, Path(f"{name}.yaml"), Runbook)
    assert isinstance(loaded, LoadedDocument), "\n".join(map(str, loaded))
    example = loaded.model
    runbooks, workload = (Path(folder) / example.application for folder in ("runbooks", "workloads"))
    copied = [runbooks / "application.yaml", workload / "world.yaml"]
    copied += [path.relative_to(REPOSITORY) for path in (REPOSITORY / workload / "scenarios").glob("*.yaml")]
    if example.direction is RunDirection.FAILBACK:
        copied += [path.relative_to(REPOSITORY) for path in (REPOSITORY / runbooks).glob("failover*.yaml")]
    for path in copied:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / path, root / path)
    project = ExampleProject(root, example.application, name)
    project.document.write_text(kind.example_text, encoding="utf-8")
    return project


def rehearse_example(project: ExampleProject, kind: StepKind) -> ExampleRehearsal:
    """Rehearse the example as `leeward rehearse` does, with fast timings. A failover precedes a failback."""
    for path, text in compile_tree(project.root / "runbooks").items():
        machine = project.root / "state_machines" / "generated" / path
        machine.parent.mkdir(parents=True, exist_ok=True)
        machine.write_text(text, encoding="utf-8")
    try:
        with open_sweep_session(SweepTarget(project.root, project.application, project.runbook, 7)) as (session, ready):
            if kind.name in _PREPARATIONS:
                _PREPARATIONS[kind.name](session)
            run, result = play_run(session, ready, "example", {})
            return ExampleRehearsal(result, _called_services(session, kind, run.started_at))
    finally:
        cache_definitions_in(_PARSED_DEFINITIONS)


def _called_services(session: RehearsalSession, kind: StepKind, since: datetime) -> frozenset[str]:
    """Return the endpoint prefixes of the services that the kind's own tasks have called."""
    tasks, botocore = {task.name for task in kind.tasks}, get_session()
    return frozenset(
        botocore.get_service_model(call.service).endpoint_prefix
        for call in session.engine.interceptor.calls
        if call.at >= since and find_task_name(call.caller or "") in tasks
    )


def _deploy_team_function(session: RehearsalSession) -> None:
    session.engine.functions.register(session.world.target, "website-fill-cache", lambda event, context: event["input"])


def _create_spare_instances(session: RehearsalSession) -> None:
    """Create a stopped instance for each server group, with the tags that the example and DRS require.

    The twin doesn't move a server's software to an instance that exists already. A tag says which software it has.
    """
    ec2 = session.engine.client("ec2", session.world.target)
    for group in session.world.source_servers:
        tags = {"Spare": f"website-{group}", "AWSDRS": "AllowLaunchingIntoThisInstance", GROUP_TAG: group}
        reservation = ec2.run_instances(
            ImageId="ami-0d5eff06f840b45e9",
            MinCount=1,
            MaxCount=1,
            TagSpecifications=[
                {"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
            ],
        )
        ec2.stop_instances(InstanceIds=[instance["InstanceId"] for instance in reservation["Instances"]])


def _create_recovery_plan(session: RehearsalSession) -> None:
    """Create the plan of the example, which recovers the database first. DRS chooses the ids of its plans."""
    region, plan_id = session.world.target, session.main_runbook.runbook.steps[1].model_dump()["plan"]
    drs, backend = session.engine.client("drs", region), session.world.drs.region_backend(region)
    plan = backend.plans.pop(drs.create_recovery_plan(name="website")["recoveryPlan"]["recoveryPlanArn"])
    plan.arn = f"{plan.arn.rpartition('/')[0]}/{plan_id}"
    backend.plans[plan.arn] = plan
    waves = (("database",), ("home-page", "catalogue-page"))
    for order, groups in enumerate(waves, 1):
        servers: list[Any] = [
            {"serverArn": backend.servers[server].arn, "impactLevel": "CRITICAL"}
            for group in groups
            for server in session.world.source_servers[group]
        ]
        drs.create_recovery_plan_step(
            recoveryPlanArn=plan.arn,
            stepName=f"wave {order}",
            stepOrder=order,
            configuration={"serverStepConfiguration": {"servers": servers}},
        )


_PREPARATIONS: dict[str, Callable[[RehearsalSession], None]] = {
    "lambda.invoke": _deploy_team_function,
    "drs.launch_into": _create_spare_instances,
    "drs.recovery_plan": _create_recovery_plan,
}
