"""Each patch of moto is needed, and works: its experiment runs with all patches, and without that one.

If a test fails without the patch, moto has changed: remove or rewrite the patch.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import Any

import moto
import pytest

from leeward.twin.engine import PATCHES, moto_patches
from leeward.twin.engine.moto_patches.determinism import interpreter_threads
from leeward.twin.patching.patch_set import Patch, patch_name
from tests.support.paths import REPOSITORY
from tests.twin.engine.patch_experiments import EXPERIMENTS
from tests.twin.engine.patch_experiments.expected_observations import EXPECTED


@pytest.fixture(scope="module")
def raw() -> dict[str, Any]:
    """What each experiment sees without its repair."""
    command = [sys.executable, "-m", "tests.twin.engine.patch_experiments"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=True)
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def test_every_patch_has_an_experiment() -> None:
    assert set(EXPERIMENTS) == set(EXPECTED) == set(PATCHES.names)


def test_every_experiment_observes_its_patch() -> None:
    assert [name for name, (patched, unpatched) in EXPECTED.items() if patched == unpatched] == []


@pytest.mark.parametrize("name", EXPECTED)
def test_patched_behavior(name: str) -> None:
    def give_up(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    try:
        assert EXPERIMENTS[name]() == EXPECTED[name][0]
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("name", EXPECTED)
def test_unpatched_behavior(name: str, raw: dict[str, Any]) -> None:
    assert raw[name] == EXPECTED[name][1]


def test_patches_match_installed_moto_version() -> None:
    assert moto.__version__ == moto_patches.MOTO_VERSION


@pytest.mark.parametrize("repair", moto_patches.INTERPRETER_PATCHES, ids=patch_name)
def test_every_patch_documents_unpatched_moto(repair: Patch) -> None:
    assert "moto" in (repair.__doc__ or "")


def test_interpreter_has_no_real_threads_or_clocks() -> None:
    for name in ("execution_stopping.wake_states_on_stop", "execution_api.keep_failure_cause"):
        EXPERIMENTS[name]()  # whatever moto imports late is imported by now
    with PATCHES.applied():
        assert interpreter_threads.rebind_modules() == []
