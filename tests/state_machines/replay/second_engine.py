"""Runs tools/asl-replay, which plays recordings on an engine that shares no code with moto."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pytest

from tests.state_machines.replay.recordings import Recording
from tests.support.paths import REPOSITORY

_DRIVER = REPOSITORY / "tools" / "asl-replay" / "replay.js"


@dataclass(frozen=True, slots=True)
class Replay:
    """A recording to play. `definition` is the ASL text to play it with."""

    definition: str
    recording: Recording


def require_second_engine() -> None:
    """Fail, or skip, when the engine is not installed."""
    if not (_DRIVER.parent / "node_modules" / "aws-local-stepfunctions").exists():
        if os.environ.get("LEEWARD_REQUIRE_NODE") == "1":
            pytest.fail("tools/asl-replay/node_modules is not installed; `make test` installs it")
        pytest.skip("the second engine is not installed (make test installs it)")


def find_differences(replays: Iterable[Replay]) -> list[str | None]:
    """Play the recordings in one process. Return, for each, the first difference, or None when there is none."""
    replays = list(replays)
    machines: dict[str, str] = {}
    for replay in replays:
        machines.setdefault(replay.definition, str(len(machines)))
    given: Mapping[str, object] = {
        "machines": {name: definition for definition, name in machines.items()},
        "recordings": {replay.recording.name: replay.recording.to_dict() for replay in replays},
        "replays": [{"machine": machines[replay.definition], "recording": replay.recording.name} for replay in replays],
    }
    # Node comes with the virtual environment, if it is not on the machine.
    path = f"{REPOSITORY / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    command = ["node", str(_DRIVER)]
    done = subprocess.run(
        command, input=json.dumps(given), capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    differences: list[str | None] = json.loads(done.stdout)
    assert len(differences) == len(replays)
    return differences
