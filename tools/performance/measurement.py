"""Measures one configuration in a process of its own, and prints the measurement as JSON.

python -m tools.performance.measurement 30 6 [--call-seconds 0.2]
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path
from typing import Any

from leeward.rehearsal.results.result_models import RehearsalResult
from leeward.rehearsal.runner.single_rehearsal import RUN_NAME, play_run, prepare_rehearsal
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.twin.engine import cache_definitions_in
from leeward.twin.realism.realism_settings import Realism
from tools.performance.configurations import Configuration
from tools.performance.critical_path import CriticalPath, read_critical_path
from tools.performance.fleet_project import APPLICATION, ROOT, write_project

SEED = 7
# macOS reports bytes, and Linux KiB.
_BYTES_PER_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> int:
    """Measure, and print the measurement."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("servers", type=int)
    parser.add_argument("groups", type=int)
    parser.add_argument("--call-seconds", type=float)
    arguments = parser.parse_args()
    with redirect_stdout(sys.stderr):  # the Lambda functions write their logs there
        measured = measure(Configuration(arguments.servers, arguments.groups), arguments.call_seconds)
    json.dump(measured, sys.stdout)
    return 0


def measure(configuration: Configuration, call_seconds: float | None = None) -> dict[str, Any]:
    """Rehearse the failover and return the figures. `call_seconds` is the latency of each call, drawn by default.

    The operator skips a step that fails and asks, so that the steps after it are measured too. CPU time and memory are
    those of the whole process.
    """
    result, path = _rehearse(configuration, call_seconds)
    used = resource.getrusage(resource.RUSAGE_SELF)
    rto = result.rto.measured_seconds
    return result_figures(result) | {
        "rto_seconds": rto,
        "critical_path": None if path is None else asdict(path),
        "overhead_seconds": None if path is None or rto is None else path.overhead(rto),
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "memory_bytes": used.ru_maxrss * _BYTES_PER_RSS_UNIT,
    }


def result_figures(result: RehearsalResult) -> dict[str, Any]:
    """Return how the rehearsal ended, and its usage."""
    return {
        "outcome": result.outcome.value,
        "error": result.error,
        "unmet_steps": [step.name for step in result.unmet_steps],
        "violated": [invariant.name for invariant in result.invariants if invariant.violated],
        "usage": result.usage.model_dump(),
    }


def _rehearse(configuration: Configuration, call_seconds: float | None) -> tuple[RehearsalResult, CriticalPath | None]:
    with tempfile.TemporaryDirectory() as folder:
        write_project(Path(folder), configuration)
        prepared = prepare_rehearsal(Path(folder), APPLICATION, "failover")
        # A test that measures goes on after the folder is deleted, and its process keeps the folder of the cache.
        cache_definitions_in(ROOT / "build" / "parsed")
        scenario = prepared.scenario_document
        operator = scenario.operator.model_copy(update={"failure": "skip"})
        with RehearsalSession(
            prepared.ready,
            prepared.world_document,
            scenario.model_copy(update={"operator": operator}),
            SEED,
            realism=Realism(call_seconds=call_seconds),
        ) as session:
            run, result = play_run(session, prepared.ready, RUN_NAME, {})
            return result, read_critical_path(session, run, result)


if __name__ == "__main__":
    sys.exit(main())
