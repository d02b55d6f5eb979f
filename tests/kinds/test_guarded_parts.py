"""What guards a user from a kind that can't be rehearsed, from a plug-in's defect, and from a quota."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from leeward.kinds import registry
from leeward.kinds.builtin import PLUGIN
from leeward.kinds.descriptors.plugin import Plugin
from leeward.lambdas.runtime import task as task_runtime
from leeward.readiness import evaluation
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, ok
from leeward.readiness.model.readiness_check import ReadinessCheck
from leeward.readiness.model.readiness_input import ReadinessInput
from leeward.rehearsal.scenarios import compiled_runbooks
from leeward.rehearsal.scenarios.compiled_runbooks import CannotRehearse, load_committed_runbook
from leeward.rehearsal.worlds import task_deployment
from leeward.report import page
from leeward.report.page import render_page
from leeward.state_machines.build import build_runbook
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.planning.run_plan import plan_run
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY
from tests.support.sample_journals import evidence, failover


def test_service_that_is_not_simulated_stops_the_rehearsal(monkeypatch: pytest.MonkeyPatch) -> None:
    without = dataclasses.replace(PLUGIN, simulated_services=())
    monkeypatch.setattr(compiled_runbooks, "plugins", lambda: (without,))
    with pytest.raises(CannotRehearse, match=r"needs the service drs, which no installed plug-in simulates\. Install"):
        load_committed_runbook(REPOSITORY, "website", "failover")


def test_plan_shows_the_use_of_quotas() -> None:
    built = build_runbook(REPOSITORY / "runbooks", "website", "failover")
    uses = {use.quota: (use.used, use.default) for use in plan_run(built).quotas}
    assert uses == {"DRS: concurrent jobs in progress": (2, 20), "DRS: source servers in all jobs": (2, 500)}
    components = {
        name: one.model_copy(update={"expect": 300}) if isinstance(one, ServerGroupComponent) else one
        for name, one in built.application.components.items()
    }
    many = built.application.model_copy(update={"components": components})
    uses = {use.quota: (use.used, use.default) for use in plan_run(dataclasses.replace(built, application=many)).quotas}
    assert uses == {"DRS: concurrent jobs in progress": (6, 20), "DRS: source servers in all jobs": (600, 500)}


def test_defect_of_one_readiness_check_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_inputs: ReadinessInput, _clients: CheckClients) -> Iterator[ReadinessFinding]:
        yield ok("a.b", "first", "fine")
        raise KeyError("instances")

    def good(_inputs: ReadinessInput, _clients: CheckClients) -> Iterator[ReadinessFinding]:
        yield ok("c.d", "second", "fine")

    checks = ReadinessCheck("bad", broken), ReadinessCheck("good", good)
    monkeypatch.setattr(evaluation, "list_checks", lambda: checks)
    inputs = ReadinessInput(
        application="a", runbook="r", origin="us-east-1", region="us-west-2", rto_seconds=60, rpo_seconds=60
    )
    monkeypatch.setattr(evaluation, "list_runs", lambda *_: [])
    report = evaluation.evaluate_readiness(inputs, CheckClients("us-west-2", "t", "arn", datetime.now(UTC)))
    details = {finding.subject: finding.detail for finding in report.findings}
    assert details.keys() == {"first", "second", "a"}
    assert details["a"] == "the check failed unexpectedly: KeyError: 'instances'"


def test_handler_that_cannot_be_loaded_fails_when_it_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_deployment, "task_handler", lambda _: "leeward.nowhere:handler")
    handler = task_deployment._load_handler("nowhere")
    with pytest.raises(ImportError, match=r"there is no module leeward\.nowhere"):
        handler({}, None)


def test_section_that_fails_is_named_in_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = Plugin(name="bad", report_sections=("json:loads",))
    monkeypatch.setattr(page, "plugins", lambda: (bad,))
    text = render_page([evidence(failover())])
    assert "Section json:loads" in text
    assert "TypeError: the JSON object must be str" in text


def test_task_of_a_plugin_has_the_name_of_its_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    declared: dict[str, Any] = {"their_task": SimpleNamespace(handler="their_package.task:handler")}
    monkeypatch.setattr(task_runtime, "step_tasks", lambda: declared)
    assert task_runtime._name_task("their_package.task") == "their_task"
    assert task_runtime._name_task("leeward.lambdas.notify") == "notify"


def test_every_rollback_in_the_samples_is_marked() -> None:
    """A task can't see whether it undoes a step. The state machine says so, and in no other call."""
    built = build_runbook(REPOSITORY / "runbooks", "website", "failback")
    for step in nonempty(built.compiled.steps):
        for name in (*step.states, *step.undo_states):
            state = json.dumps(built.compiled.definition["States"].get(name, {}))
            if '"Type": "Task"' in state and "leeward-record-failure" not in state:
                assert ('"undo": true' in state) == (name in step.undo_states), name
    assert any(step.undo_states for step in built.compiled.steps)
    assert registry.is_known("lock")
