"""A kind's parts load when a document or a run uses the kind, and not before."""

from __future__ import annotations

import subprocess
import sys

import pytest

from leeward.rehearsal.task_functions import list_task_names
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY

DOCUMENT = """{"runbook": "r", "application": "a", "direction": "failover", "timeout": "1h",
  "steps": [{"kind": "wait", "name": "Wait", "for": "1m"}]}"""


def loaded_modules(program: str) -> list[str]:
    """Return the names of the modules of Leeward that a fresh process has loaded at the end of `program`."""
    report = "; import sys; print('\\n'.join(m for m in sys.modules if m.startswith('leeward.')))"
    done = subprocess.run(
        [sys.executable, "-c", program + report], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    return done.stdout.split()


def test_document_loads_only_the_kinds_that_it_uses() -> None:
    modules = loaded_modules(
        "from leeward.state_machines.runbook.runbook_document import Runbook; "
        f"Runbook.model_validate_json('''{DOCUMENT}''')"
    )
    assert [m for m in modules if m.startswith("leeward.state_machines.steps.")] == [
        "leeward.state_machines.steps.wait"
    ]


@pytest.mark.parametrize("task", sorted(list_task_names()))
@pytest.mark.verify("a fresh process for each of 38 tasks")
def test_cold_start_loads_one_task(task: str) -> None:
    modules = loaded_modules(f"import leeward.lambdas.{task}")
    handlers = [m for m in modules if m.count(".") == 2 and m.startswith("leeward.lambdas.")]
    assert set(nonempty(handlers)) <= {f"leeward.lambdas.{task}", "leeward.lambdas.runtime", "leeward.lambdas.shared"}
    assert not [
        m for m in nonempty(modules) if m.split(".")[1] in ("state_machines", "infra", "cli", "rehearsal", "twin")
    ]
