"""The plan's transitions and task calls, compared with those of the rehearsed run."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from leeward.cli.main import main
from leeward.state_machines.build import BuiltRunbook, build_runbooks
from leeward.state_machines.planning.estimates.expected_path import PathCounts, count_expected_path
from leeward.state_machines.planning.run_plan import plan_run
from tests.support.paths import REPOSITORY, RUNBOOKS_FOLDER

BUILT = {f"{one.application.application} {one.runbook.runbook}": one for one in build_runbooks(RUNBOOKS_FOLDER)}
TOLERANCE = 0.15
IN_MAKE_TEST = "website failover"
ALL = [
    pytest.param(name, marks=() if name == IN_MAKE_TEST else pytest.mark.verify("a rehearsal of each runbook"))
    for name in BUILT
]
# Their steps take other times than their kinds state.
OTHER_TIMES = {
    "ticketing failback": "31 transitions instead of 25: a transaction takes 5 s, and the kind states 20 s",
    "website drill": "52 transitions instead of 64: the launch takes 29 minutes, and the kind states 26",
    "website failback-drill": "119 transitions instead of 161: replication takes 72 minutes, and the kind states 40",
}
Rehearse = Callable[[str], Any]


@pytest.fixture(scope="module")
def rehearse(tmp_path_factory: pytest.TempPathFactory) -> Rehearse:
    """Rehearse a runbook, once for all tests, and return the printed result."""
    results: dict[str, Any] = {}

    def play(name: str) -> Any:
        if name not in results:
            folder = tmp_path_factory.mktemp("rehearsal")
            with pytest.MonkeyPatch.context() as patches:
                patches.chdir(REPOSITORY)
                printed = folder / "result.json"
                with printed.open("w") as stream:
                    patches.setattr("sys.stdout", stream)
                    arguments = ["--json", "--history", str(folder)]
                    assert main(["rehearse", *name.split(), *arguments]) in (0, 1)  # 1 if an objective is missed
            results[name] = json.loads(Path(printed).read_text())
        return results[name]

    return play


def assert_close(counts: PathCounts, usage: dict[str, int]) -> None:
    assert counts.transitions == pytest.approx(usage["state_transitions"], rel=TOLERANCE)
    assert counts.calls == pytest.approx(usage["lambda_invocations"], rel=TOLERANCE)


@pytest.mark.parametrize("name", ALL)
def test_counts_agree_with_the_run_for_the_times_of_its_steps(name: str, rehearse: Rehearse) -> None:
    result, built = rehearse(name), BUILT[name]
    seconds = {
        info.id: (datetime.fromisoformat(step["ended_at"]) - datetime.fromisoformat(step["started_at"])).total_seconds()
        for info, step in zip(built.compiled.steps, result["steps"], strict=True)
    }
    assert_close(count_expected_path(built.compiled.machine, seconds), result["usage"])


@pytest.mark.parametrize("name", ALL)
def test_plan_agrees_with_the_run(name: str, rehearse: Rehearse, request: pytest.FixtureRequest) -> None:
    if name in OTHER_TIMES:
        request.applymarker(pytest.mark.xfail(reason=OTHER_TIMES[name], strict=True))
    assert_close(planned_counts(BUILT[name]), rehearse(name)["usage"])


def planned_counts(built: BuiltRunbook) -> PathCounts:
    transitions, calls = (int(line.what.split()[0]) for line in plan_run(built).run_costs[:2])
    return PathCounts(transitions, calls)
