"""Every step kind with every failure policy: refused with a reason, or a sound machine."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from statelint.linter import Linter

from leeward.kinds.registry import step_kinds
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.build import build_runbooks
from leeward.state_machines.compile.runbook_compiler import compile_runbook
from leeward.state_machines.diagnostics.problems import Severity
from leeward.state_machines.fields.failure_policy import POLICY_WORDS, FailurePolicy, OnFailure
from leeward.state_machines.load.document_loader import ApplicationFolder, load_text
from leeward.state_machines.load.yaml_parser.yaml_nodes import parse_yaml
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.validate.document_validation import validate_folder
from tests.state_machines.conftest import DOCUMENTS
from tests.state_machines.walks.graph_walker import GraphWalker
from tests.state_machines.walks.scripted_answers import Answer, TaskError, good_answer
from tests.support.nonempty import nonempty

SHOP = DOCUMENTS / "shop"
APPLICATION = load_text((SHOP / "application.yaml").read_text("utf-8"), SHOP / "application.yaml", Application)
# One step of each kind, and one of each that a drill has. A wait cannot fail.
CHOSEN = {
    (ready.runbook.runbook.endswith("drill"), step.kind): (ready.runbook.runbook, index)
    for ready in build_runbooks(DOCUMENTS)
    if ready.application.application == "shop"
    for index, step in enumerate(ready.runbook.steps)
    if step.kind != "wait"
}
POLICIES = [*POLICY_WORDS, {"retry": 1, "then": "ask"}, {"retry": 2, "then": "undo"}, {"retry": 1, "then": "continue"}]


def test_test_documents_use_every_step_kind() -> None:
    found = {step.kind for ready in build_runbooks(DOCUMENTS) for step in ready.runbook.steps}
    assert found == set(step_kinds())


@pytest.mark.parametrize("policy", POLICIES, ids=str)
@pytest.mark.parametrize(
    ("file", "index"), CHOSEN.values(), ids=[f"{kind}{' in a drill' * drill}" for drill, kind in CHOSEN]
)
@pytest.mark.verify("every step kind with every policy: 288 machines")
def test_every_kind_with_every_policy_is_rejected_or_sound(file: str, index: int, policy: object) -> None:
    path: Path = SHOP / f"{file}.yaml"
    document = json.loads(json.dumps(parse_yaml(path.read_text("utf-8"), path)[0]))
    document["steps"][index]["on_failure"] = policy
    document["timeout"] = "90d"
    loaded = load_text(json.dumps(document), path, Runbook)
    assert not isinstance(loaded, list)
    assert not isinstance(APPLICATION, list)
    problems = validate_folder(ApplicationFolder(SHOP, APPLICATION, (loaded,), ()))
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    step = loaded.model.steps[index]
    if errors:
        # The last one: a guard whose failure the run ignores doesn't count as one.
        words = ("cannot be undone", "nothing to undo", "without the lock", "no step before")
        assert all(any(word in problem.message for word in words) for problem in nonempty(errors)), errors
        return
    compiled = compile_runbook(APPLICATION.model, loaded.model)
    assert Linter.validate(compiled.definition) == []
    assert all(len(name) <= 80 for name in nonempty(compiled.machine.states))
    _fails_as_its_policy_says(compiled.definition, step.name, step.policy)


def _fails_as_its_policy_says(definition: dict[str, Any], name: str, policy: FailurePolicy) -> None:
    """Whatever is called for the step fails, its undo too: the tries are counted, and only `continue` succeeds."""

    def failing(function: str) -> Answer:
        plain = good_answer(function)

        def answer(payload: dict[str, Any]) -> Any:
            if payload.get("step", {}).get("name") == name and function not in ("record-failure", "ask"):
                attempts.add(payload["step"]["attempt"])
                raise TaskError("Refused")
            return plain(payload)

        return answer

    attempts: set[int] = set()
    functions = re.findall(r'"FunctionName": "(?:leeward-)?([^"]+)"', json.dumps(definition))
    walk = GraphWalker(definition, {function: failing(function) for function in functions}).run()
    assert walk.outcome[0] == ("SUCCEEDED" if policy.then is OnFailure.CONTINUE else "FAILED")
    assert attempts == set(range(1, policy.retry + 2))
    assert len(walk.payloads_of("ask")) == (policy.then is OnFailure.ASK)
