"""The data that a run loses is that of its writes or of its servers, whichever is more."""

from __future__ import annotations

import pytest

from leeward.rehearsal.assessment.objectives.data_loss import worst_loss
from leeward.rehearsal.results.objectives import MeasurementBasis, RehearsalObjective

WRITES, SERVERS = MeasurementBasis.WRITES, MeasurementBasis.SERVERS
UNAUDITED = RehearsalObjective.not_measured(300, WRITES, "the clients' writes are not audited")
NO_SERVERS = RehearsalObjective.not_measured(300, SERVERS, "the run launches no servers")
NEVER = RehearsalObjective.never_reached(300, SERVERS, "1 of 3 servers were not recovered")


def lost(seconds: float, basis: MeasurementBasis) -> RehearsalObjective:
    return RehearsalObjective.measured(300, seconds, basis)


@pytest.mark.parametrize(
    ("by_writes", "by_servers", "worst"),
    [
        (lost(8, WRITES), NO_SERVERS, lost(8, WRITES)),
        (UNAUDITED, lost(8, SERVERS), lost(8, SERVERS)),
        (lost(0, WRITES), lost(8, SERVERS), lost(8, SERVERS)),
        (lost(9, WRITES), lost(8, SERVERS), lost(9, WRITES)),
        (lost(9, WRITES), NEVER, NEVER),
    ],
)
def test_the_larger_loss_counts(
    by_writes: RehearsalObjective, by_servers: RehearsalObjective, worst: RehearsalObjective
) -> None:
    assert worst_loss(by_writes, by_servers) == worst


def test_nothing_to_measure_says_why() -> None:
    loss = worst_loss(UNAUDITED, NO_SERVERS)
    assert (loss.measured_seconds, loss.missed) == (None, False)
    assert loss.reason == "the run launches no servers, and the clients' writes are not audited"
