"""Each kind's example is a valid runbook of a sample application, and succeeds in a rehearsal."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from leeward.kinds.registry import step_kinds
from leeward.rehearsal.results.result_models import ExecutionOutcome, RunStepStatus
from leeward.state_machines.checks.machine_report import check_machine
from leeward.state_machines.planning.run_plan import plan_run
from leeward.state_machines.validate.document_validation import validate_paths
from tests.kinds.example_projects import ExampleProject, create_example_project, rehearse_example
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY

KINDS = step_kinds()
EXAMPLES = "leeward.kinds.builtin.examples"
# Rehearsed by `make test`: one short example for each of the ways in which a step can act.
OFTEN_REHEARSED = {"drs.recover", "lambda.invoke"}
# Every task reads and writes the journal, publishes events and metrics, and can be called.
SERVICES_OF_EVERY_TASK = {"dynamodb", "events", "lambda", "monitoring", "states", "sts"}


@pytest.fixture
def project(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ExampleProject:
    monkeypatch.syspath_prepend(REPOSITORY)  # the twin imports the ticketing application's own code from there
    return create_example_project(tmp_path, KINDS[name])


@pytest.mark.parametrize("name", KINDS)
def test_descriptor_names_its_example(name: str) -> None:
    assert KINDS[name].example == f"{EXAMPLES}:{name.replace('.', '-').replace('_', '-')}.yaml"
    assert KINDS[name].example_text.startswith("# ")


def test_every_example_belongs_to_a_kind() -> None:
    present = {file.name for file in files(EXAMPLES).iterdir() if file.name.endswith((".yaml", ".yml"))}
    assert present == {kind.example.rpartition(":")[2] for kind in KINDS.values()}


@pytest.mark.parametrize("name", KINDS)
def test_example_is_valid_and_shows_its_kind(name: str, project: ExampleProject) -> None:
    assert list(validate_paths([project.document]).problems) == []
    own_steps = nonempty(step for step in project.built.runbook.steps if step.kind == name)
    assert {effect.effect for step in own_steps for effect in step.effects} <= KINDS[name].effects


@pytest.mark.parametrize("name", KINDS)
def test_machine_of_example_passes_its_checks(name: str, project: ExampleProject) -> None:
    report = check_machine(project.built.compiled)
    assert report.findings == ()
    assert report.bounds is not None


@pytest.mark.parametrize("name", KINDS)
def test_every_step_of_example_has_a_planned_duration(name: str, project: ExampleProject) -> None:
    plan = plan_run(project.built)
    assert [step.kind for step in plan.steps] == [step.kind for step in project.built.runbook.steps]
    for step in nonempty(plan.steps):
        assert 0 < step.p50_seconds <= step.p95_seconds, step
    assert plan.p50_seconds <= plan.p95_seconds


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in OFTEN_REHEARSED else pytest.mark.verify("30 rehearsals take a minute"))
        for name in KINDS
    ],
)
def test_example_succeeds_in_a_rehearsal(name: str, project: ExampleProject) -> None:
    kind = KINDS[name]
    rehearsal = rehearse_example(project, kind)
    result = rehearsal.result
    assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
    assert [step.name for step in result.steps if step.status is not RunStepStatus.DONE] == []
    assert [f"{one.name}: {one.detail}" for one in nonempty(result.invariants) if one.violated] == []
    # Many examples move no users and launch no servers. What can't be measured then is no missed objective.
    assert result.passed, (result.rto, result.rpo)
    assert rehearsal.called_services - SERVICES_OF_EVERY_TASK <= {use.service for use in kind.services}
