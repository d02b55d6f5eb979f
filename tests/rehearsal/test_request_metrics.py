"""RTO, downtime, and moved clients from hand-made requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leeward.rehearsal.assessment.objectives.recovery_time import measure_client_recovery, measure_server_recovery
from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.clients.request_metrics import (
    ClientMeasurement,
    all_served_since,
    count_by_region,
    downtime,
    measure_clients,
    requests_since,
    seconds_until_all_left,
)
from leeward.rehearsal.results.objectives import MeasurementStatus, RehearsalObjective
from leeward.rehearsal.results.result_models import RunStepStatus, StepReport

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
EAST, WEST = "east", "west"


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def request(seconds: float, client: int, region: str | None, lasts: float | None = None) -> ClientRequest:
    return ClientRequest(at(seconds), client, region, ended_at=None if lasts is None else at(seconds + lasts))


def measure(*requests: ClientRequest, clients: int = 2, since: float = 0, until: float = 100) -> ClientMeasurement:
    return measure_clients(requests, expected_regions={WEST}, clients=clients, since=at(since), until=at(until))


def recovery(seen: ClientMeasurement, incident: float | None = None) -> RehearsalObjective:
    incident_at = None if incident is None else at(incident)
    return measure_client_recovery(seen, 60, incident_at=incident_at, expected_regions=[WEST])


def test_downtime_is_union_of_failure_until_next_success_of_each_client() -> None:
    """Two requests 20 s apart that fail are an outage of 40 s for that client, not two distinct seconds."""
    requests = [
        request(10, 0, None), request(30, 0, None), request(50, 0, WEST),
        request(45, 1, None), request(60, 1, WEST),
        request(80, 0, None), request(81, 0, WEST),
    ]  # fmt: skip
    assert downtime(requests, since=at(0), until=at(100)) == timedelta(seconds=50 + 1)


def test_downtime_of_unserved_client_lasts_until_end() -> None:
    assert measure(request(10, 0, WEST), request(20, 1, None)).downtime == timedelta(seconds=80)


def test_downtime_counts_pending_requests_from_incident_to_end_of_response() -> None:
    """A request sent before the incident hangs for 10 s. The next one takes 3 s to succeed."""
    hanging, served = request(8, 0, None, lasts=10), request(19, 0, WEST, lasts=3)
    assert requests_since([request(2, 0, EAST, lasts=1), hanging, served], at(10)) == [hanging, served]
    seen = measure(hanging, served, clients=1, since=10)
    assert seen.downtime == timedelta(seconds=12)
    assert seen.served_since == at(22)
    assert recovery(seen, incident=10).measured_seconds == 12
    assert recovery(seen).measured_seconds == 12


def test_requests_logged_out_of_order_are_measured_by_time() -> None:
    requests = [request(10, 0, WEST), request(5, 0, None, lasts=5), request(11, 0, WEST)]
    assert all_served_since(requests, WEST) == at(10)
    assert downtime(requests, since=at(0), until=at(100)) == timedelta(seconds=5)


def test_later_failure_restarts_recovery() -> None:
    seen = measure(request(5, 0, WEST), request(6, 1, WEST), request(20, 1, None), request(25, 1, WEST))
    assert recovery(seen, incident=0).measured_seconds == 25


def test_recovery_counts_from_incident_even_if_no_request_failed() -> None:
    """A Region that an operator took out of service keeps serving those who still come."""
    seen = measure(request(5, 0, EAST), request(30, 0, WEST), request(7, 1, WEST))
    assert (seen.failed, seen.moved) == (0, 2)
    assert recovery(seen, incident=0).measured_seconds == 30


def test_planned_move_counts_from_first_failed_request() -> None:
    seen = measure(request(5, 0, EAST), request(12, 0, None), request(30, 0, WEST), request(31, 1, WEST))
    assert recovery(seen).measured_seconds == 19
    assert recovery(seen).reason == "from the first failed request"


def test_planned_move_without_failed_request_says_that_no_client_lost_service() -> None:
    found = recovery(measure(request(5, 0, WEST), request(31, 1, WEST)))
    assert (found.measured_seconds, found.met, found.reason) == (0.0, True, "no client lost service")
    assert found.basis == "clients"


@pytest.mark.parametrize("last", [request(40, 1, EAST), request(40, 1, None)])
def test_client_outside_target_means_never_reached(last: ClientRequest) -> None:
    found = recovery(measure(request(5, 0, WEST), request(6, 1, WEST), last), incident=0)
    assert (found.status, found.missed, found.measured_seconds) == (MeasurementStatus.NEVER_REACHED, True, None)
    assert found.reason == "west served 1 of 2 clients at the end"


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (measure(clients=0), "the application has no clients"),
        (measure(), "no client sent a request during the run"),
        (measure(request(5, 0, WEST)), "only 1 of 2 clients sent a request during the run"),
    ],
)
def test_nothing_to_measure_is_not_measured_and_not_missed(seen: ClientMeasurement, reason: str) -> None:
    found = recovery(seen, incident=0)
    assert (found.status, found.reason) == (MeasurementStatus.NOT_MEASURED, reason)
    assert (found.measured_seconds, found.met, found.missed) == (None, False, False)


def launch_step(status: RunStepStatus, kind: str = "drs.recover") -> StepReport:
    return StepReport(
        name="Recover", kind=kind, status=status, attempts=1, started_at=START, ended_at=at(50), detail=""
    )


def test_run_that_moves_no_clients_is_measured_by_its_servers() -> None:
    found = measure_server_recovery([launch_step(RunStepStatus.DONE)], 60)
    assert (found.measured_seconds, found.basis) == (50, "servers")
    assert measure_server_recovery([launch_step(RunStepStatus.FAILED)], 60).status is MeasurementStatus.NEVER_REACHED
    nothing = measure_server_recovery([launch_step(RunStepStatus.DONE, kind="wait")], 60)
    assert (nothing.status, nothing.missed) == (MeasurementStatus.NOT_MEASURED, False)


def test_clients_are_counted_by_region_of_latest_request() -> None:
    assert count_by_region([request(1, 0, WEST), request(1, 1, None), request(1, 2, WEST)]) == {"west": 2, "nobody": 1}


def test_last_user_left_is_found_in_requests_out_of_order() -> None:
    requests = [request(9, 0, WEST), request(4, 0, None, lasts=3), request(1, 1, EAST), request(6, 1, WEST)]
    assert seconds_until_all_left(requests, {EAST}, START) == 9
