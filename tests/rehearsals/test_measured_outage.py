"""RTO, downtime, and moved clients of every committed scenario and runbook, recomputed from the clients' requests.

The recomputation samples the state of every client at short intervals, and shares no code with the measurement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.results.result_models import RehearsalResult
from leeward.rehearsal.runner.prerequisite_runs import describe_failed_failover
from leeward.rehearsal.runner.single_rehearsal import play_run, restore_origin
from leeward.rehearsal.scenarios.compiled_runbooks import load_committed_runbook, prerequisite_runbooks
from leeward.rehearsal.scenarios.scenario_loader import load_scenario, load_world_document
from leeward.rehearsal.session.rehearsal_session import DEFAULT_START, RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY

STEP = timedelta(milliseconds=250)
TOLERANCE = 1.0
# The Regions that serve every client after each runbook, or None for a runbook that moves no clients.
SERVING_AFTER = {
    ("website", "failover"): {"us-west-2"},
    ("website", "failback"): {"us-east-1"},
    ("website", "drill"): None,
    ("website", "failback-drill"): None,
    ("ticketing", "failover"): {"ap-southeast-1"},
    ("ticketing", "failover-weighted"): {"ap-southeast-1"},
    ("ticketing", "failover-routing-control"): {"ap-southeast-1"},
    ("ticketing", "failback"): {"eu-west-1"},
    ("ticketing", "failback-weighted"): {"eu-west-1"},
    ("ticketing", "failback-routing-control"): {"eu-west-1"},
    ("ticketing", "drill"): {"eu-west-1"},
}
# Rehearsals that are quick enough for every test run.
QUICK = {("ticketing", "failover", "api-deleted"), ("ticketing", "failover-weighted", "health-switch")}


def committed_names(pattern: str) -> list[str]:
    return sorted(path.stem for path in nonempty(list(REPOSITORY.glob(pattern))))


def cases() -> Iterator[object]:
    for application, runbook in SERVING_AFTER:
        for scenario in committed_names(f"workloads/{application}/scenarios/*.yaml"):
            case = (application, runbook, scenario)
            marks = () if case in QUICK else (pytest.mark.verify("a complete rehearsal"),)
            yield pytest.param(*case, id="-".join(case), marks=marks)


@dataclass
class Recomputed:
    """The state of all clients, sampled from `began` on."""

    downtime_seconds: float = 0.0
    failed: int = 0
    first_failed_at: datetime | None = None
    served_since: datetime | None = None
    moved: int = 0


def recompute(
    log: Sequence[ClientRequest], began: datetime, end: datetime, regions: set[str], clients: int
) -> Recomputed:
    """Replay the log: a client is unserved from a failed request on, and served from a response on."""
    changes = sorted(
        (
            (r.at if r.served_by is None else r.ended_at or r.at, r.client, r.served_by)
            for r in log
            if (r.ended_at or r.at) >= began
        ),
        key=lambda change: change[0],
    )
    found = Recomputed()
    state: dict[int, str | None] = {}
    position = 0
    samples = [began + number * STEP for number in range((end - began) // STEP + 1)]
    for now in [*samples, end]:  # the last request can come after the last whole step
        while position < len(changes) and changes[position][0] <= now:
            _, client, state[client] = changes[position]
            position += 1
        if None in state.values() and now < end:
            found.downtime_seconds += STEP.total_seconds()
        if len(state) == clients and all(region in regions for region in state.values()):
            found.served_since = found.served_since or now
        else:
            found.served_since = None
    failures = [max(at, began) for at, _, region in changes if region is None]
    found.failed, found.first_failed_at = len(failures), min(failures, default=None)
    found.moved = sum(region in regions for region in state.values())
    return found


def play(application: str, runbook: str, scenario: str) -> tuple[RehearsalSession, RehearsedRun, RehearsalResult]:
    """Rehearse as `leeward rehearse` does. Return the failover that comes first if the failback can't follow it."""
    ready = load_committed_runbook(REPOSITORY, application, runbook)
    before = prerequisite_runbooks(REPOSITORY, ready)
    workloads = REPOSITORY / "workloads"
    session = RehearsalSession(
        ready,
        load_world_document(workloads, application),
        load_scenario(workloads, application, scenario),
        7,
        other_runbooks=before,
    )
    with session:
        for failover in before:
            run, result = play_run(session, failover, "before", {})
            if describe_failed_failover(result) is not None:
                return session, run, result
            restore_origin(session)
        return session, *play_run(session, ready, "rehearsal", {})


@pytest.mark.parametrize(("application", "runbook", "scenario"), list(cases()))
def test_measured_outage_matches_requests(application: str, runbook: str, scenario: str) -> None:
    session, run, result = play(application, runbook, scenario)
    clients = session.world.clients
    assert clients is not None
    responds = scenario != "calm" and session.application.regions.primary == run.way.origin
    incident = DEFAULT_START + session.scenario.incident.at if responds else None
    began = incident or run.started_at
    regions = SERVING_AFTER[application, result.runbook]
    seen = recompute(clients.requests, began, session.engine.clock.now(), regions or set(), clients.count)

    assert result.incident_at == incident
    assert result.clients.failed == seen.failed
    assert result.clients.downtime_seconds == pytest.approx(seen.downtime_seconds, abs=TOLERANCE)
    if regions is None:
        assert (result.rto.basis, result.clients.moved) == ("servers", None)
        return
    assert (result.rto.basis, result.clients.moved) == ("clients", seen.moved)
    if seen.served_since is None:
        assert (result.rto.status, result.rto.measured_seconds) == ("never reached", None)
        return
    start = incident or seen.first_failed_at
    expected = 0.0 if start is None else (seen.served_since - start).total_seconds()
    assert result.rto.measured_seconds == pytest.approx(expected, abs=TOLERANCE)
    assert (result.rto.reason == "no client lost service") == (start is None)


def test_every_committed_runbook_is_measured() -> None:
    committed = {
        (path.parent.name, path.stem) for path in REPOSITORY.glob("runbooks/*/*.yaml") if path.stem != "application"
    }
    assert committed == set(SERVING_AFTER)


@pytest.mark.parametrize("scenario", ["api-deleted", "bad-release", "function-stopped", "health-switch"])
@pytest.mark.parametrize("runbook", ["failover", "failover-weighted", "failover-routing-control"])
@pytest.mark.verify("twelve complete rehearsals")
def test_incident_without_region_outage_takes_tens_of_seconds(runbook: str, scenario: str) -> None:
    _, _, result = play("ticketing", runbook, scenario)
    assert result.outcome == "succeeded", result.cause
    assert result.rto.measured_seconds is not None
    assert 20 < result.rto.measured_seconds < 120
    assert (result.clients.failed == 0) == (scenario == "health-switch")
