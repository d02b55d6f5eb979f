"""A sweep with a time limit draws faults by class and by the kind of step that they hit."""

from __future__ import annotations

import pytest

from leeward.rehearsal.sweep.faults.baseline import Baseline, possible_faults
from leeward.rehearsal.sweep.faults.fault_strata import Stratum, draw_by_stratum, find_stratum
from leeward.rehearsal.sweep.faults.planned_faults import parse_fault_id
from leeward.rehearsal.sweep.trials import worker_pool

BASELINE = Baseline(
    calls=["leeward-run-begin dynamodb:PutItem us-west-2", *["leeward-drs-recover drs:DescribeJobs us-west-2"] * 3],
    call_states=["Begin", *["Recover"] * 3],
    call_sites=["Begin leeward-run-begin 1", *["Recover leeward-drs-recover 1"] * 3],
    invocations=["leeward-run-begin us-west-2", "leeward-drs-recover us-west-2"],
    invocation_states=["Begin", "Recover"],
    states=["Begin", "Recover", "Recover: undo"],
    steps=["recover"],
    kinds_by_state={"Recover": "drs.recover", "Recover: undo": "drs.recover"},
    kinds_by_step={"recover": "drs.recover"},
    questions=1,
    regions=["us-west-2", "us-east-1"],
)


@pytest.mark.parametrize(
    ("fault", "stratum"),
    [
        ("call:1:denied", Stratum("call denied", "run")),
        ("call:4:denied", Stratum("call denied", "drs.recover")),
        ("service:2:throttled", Stratum("service throttled", "drs.recover")),
        ("lambda:1:twice", Stratum("lambda twice", "run")),
        ("lambda:2:after-Lambda.ServiceException", Stratum("lambda response-lost", "drs.recover")),
        ("state:3:stopped", Stratum("state stopped", "drs.recover")),
        ("step:recover:dark:us-east-1", Stratum("step dark us-east-1", "drs.recover")),
        ("operator:rejects", Stratum("operator rejects", "any")),
    ],
)
def test_stratum_is_the_fault_class_and_the_kind_of_step(fault: str, stratum: Stratum) -> None:
    assert find_stratum(BASELINE, parse_fault_id(fault)) == stratum


def test_draw_takes_every_fault_one_of_each_stratum_first() -> None:
    drawn = draw_by_stratum(BASELINE, 7)
    assert sorted(fault.id for fault in drawn) == sorted(fault.id for fault in possible_faults(BASELINE))
    strata = [find_stratum(BASELINE, fault) for fault in drawn]
    count = len(set(strata))
    assert len(set(strata[:count])) == count > 20
    assert drawn == draw_by_stratum(BASELINE, 7) != draw_by_stratum(BASELINE, 8)


def test_batches_end_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(worker_pool, "_real_time", lambda: now)
    faults = [(fault,) for fault in draw_by_stratum(BASELINE, 7)] * 4
    sizes = []
    for batch in worker_pool._batches(faults, seconds=100):
        sizes.append(len(batch))
        now += len(batch)  # a second for each trial
    assert sizes == [16, 84]
    assert [len(batch) for batch in worker_pool._batches(faults[:100], seconds=None)] == [100]
