"""The same seed gives the same history, byte for byte, in every process."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from leeward.twin.engine import cache_definitions_in
from tests.support.paths import REPOSITORY
from tests.support.website_session import run_to_end, website_session

_PROGRAM = "from tests.rehearsals.test_identical_histories import digest; print(digest())"
_TIME_ZONES = ("UTC", "Asia/Tokyo", "America/St_Johns")


def digest() -> str:
    """Of everything that a short rehearsal of the website leaves behind."""
    cache_definitions_in(REPOSITORY / "build" / "parsed")
    with website_session() as stage:
        result, run, _ = run_to_end(stage)
        history = stage.engine.get_history(run.execution)
        calls = [str(call) for call in stage.engine.interceptor.calls]
    text = json.dumps([history, calls, result.model_dump_json(exclude={"history", "evidence"})])
    return hashlib.sha256(text.encode()).hexdigest()


def _digest_in_another_process(hash_seed: int) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed), "TZ": _TIME_ZONES[hash_seed % len(_TIME_ZONES)]}
    command = [sys.executable, "-c", _PROGRAM]
    done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]  # what comes before is the Lambdas' log


@pytest.mark.verify("a rehearsal in each of ten processes; test_region_outage.py compares two processes")
def test_ten_processes_with_other_hash_seeds_give_one_history() -> None:
    digest()  # this process has a history of its own before the compared one
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(_digest_in_another_process, range(10)))
    assert len(found) == 10
    assert {*found, digest()} == {found[0]}
