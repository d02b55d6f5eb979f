"""A sweep injects faults into the calls of a run, and not into those that the application makes for its users."""

from __future__ import annotations

import pytest

from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.rehearsal.sweep.trials import trial
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY


@pytest.mark.verify("a run of the drill; the functions of a user's request are real in a complete world only")
def test_calls_of_the_application_for_its_users_get_no_faults() -> None:
    with open_sweep_session(SweepTarget(REPOSITORY, "ticketing", "drill", 7)) as (session, ready):
        baseline = trial.run_trial(session, ready)[1]
        callers = {call.caller for call in session.engine.interceptor.calls}
    assert [caller for caller in callers if not caller.startswith("leeward-")] != []
    recorded = [call.split()[0] for call in nonempty(baseline.calls)]
    recorded += [invocation.split()[0] for invocation in nonempty(baseline.invocations)]
    assert [each for each in recorded if not each.startswith("leeward-")] == []
