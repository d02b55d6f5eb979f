"""The rules by which evidence is computed, with values on both sides of each limit and an entry of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from leeward.common.claims.all_claims import claims_to_facts
from leeward.common.claims.types.run_claims import Ready
from leeward.common.claims.types.server_claims import Launched, LaunchedServer, Launching
from leeward.common.claims.types.traffic_claims import ControlsSwitched
from leeward.control.journal.hash_chain import GENESIS_HASH, ChainedEntry
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.run.run_reference import RunbookStep, RunbookSummary, RunRef
from leeward.evidence.draws.figures import (
    Distribution,
    Figure,
    FigureName,
    FigureStatus,
    is_duration,
    nearest_rank,
    required_count,
)
from leeward.evidence.from_journal.decisions import list_decisions
from leeward.evidence.from_journal.evidence_builder import ExternalFacts, build_evidence
from leeward.evidence.from_journal.idle_spans import find_idle_spans, separate_idle_spans
from leeward.evidence.from_journal.objectives import ServiceRecord, measure_rpo, measure_rto
from leeward.evidence.from_journal.servers import find_worst_loss, list_server_recoveries
from leeward.evidence.from_journal.steps import build_steps
from leeward.evidence.from_journal.time_breakdown import break_down_time
from leeward.evidence.model import EvidencePart, EvidenceStep, EvidenceStepStatus, WaitSpan
from leeward.evidence.run_costs import estimate_dollars
from tests.support.sample_journals import RUN, failover
from tests.support.task_world import run_reference

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
EVENTS = list(JournalEvent)
REFERENCE = RunRef.model_validate(run_reference())
STEPS = [RunbookStep(id="s", name="Step", kind="drs.recover")]
MILLION = 1_000_000


def at(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def link(event: str, seq: int = 1, step: str | None = "s", seconds: float = 0, **facts: object) -> ChainedEntry:
    given = {"run": "r", "seq": seq, "id": "i", "at": at(seconds), "event": event, "detail": f"detail {event}"}
    return ChainedEntry.model_validate(given | {"step": step, "facts": facts, "previous": GENESIS_HASH})


def entry(event: JournalEvent, seconds: float = 0, step: str | None = "s", **facts: object) -> JournalEntry:
    return JournalEntry(at(seconds), event, f"detail {event}", step, 1, facts)


def span(begin: float, end: float, text: str = "x") -> WaitSpan:
    return WaitSpan(text=text, started_at=at(begin), ended_at=at(end))


# -- costs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("transitions", "invocations", "calls", "dollars"),
    [
        (0, 0, {}, 0),
        (0, 0, {"drs:DescribeJobs": MILLION}, 0),
        (1000, 0, {}, 0.025),
        (0, MILLION, {}, 3.5333),
        *((0, 0, {f"dynamodb:{name}Item": MILLION}, 0.625) for name in ("Put", "Update", "Delete")),
        *((0, 0, {f"dynamodb:{name}": MILLION}, 0.125) for name in ("GetItem", "Query")),
        (0, 0, {"events:PutEvents": MILLION}, 1.0),
        (
            2000,
            MILLION,
            {
                "dynamodb:PutItem": MILLION,
                "dynamodb:DeleteItem": MILLION,
                "dynamodb:Query": MILLION,
                "events:PutEvents": MILLION,
            },
            0.05 + 3.5333 + 1.25 + 0.125 + 1.0,
        ),
        (3, 0, {}, 0.0001),
    ],
)
def test_costs_are_those_of_list_prices(
    transitions: int, invocations: int, calls: dict[str, int], dollars: float
) -> None:
    assert estimate_dollars(transitions, invocations, calls) == pytest.approx(dollars, abs=1e-6)


# -- decisions --------------------------------------------------------------------------------------

OVERRIDDEN = claims_to_facts(
    [ControlsSwitched(on=("a",), off=("b",), accepted_by="x", confirmed_by="y", overridden=("rule",))]
)


@pytest.mark.parametrize("event", EVENTS)
def test_each_event_is_a_decision_or_none(event: JournalEvent) -> None:
    e, text = JournalEvent, f"detail {event}"
    facts = {"by": "Ada", "decision": "retry", "reason": "why", "policy": "stop"} | OVERRIDDEN
    found = [
        (d.by, d.what, d.reason, d.step, d.seq) for d in list_decisions(REFERENCE, STEPS, [link(event, 7, **facts)])
    ]
    rest = ("Step", 7)
    expected = {
        e.QUESTION_ANSWERED: [("Ada", "retry", "why", *rest)],
        e.QUESTION_LAPSED: [("no one answered", "retry", text, *rest)],
        e.DATA_LOSS_ACCEPTED: [("the run's input", "data loss accepted", text, *rest)],
        e.RUN_RESUMED: [("the operator who redrove the execution", "run resumed", text, *rest)],
        e.LOCK_TAKEN_OVER: [("the run's input", "lock taken over", text, *rest)],
        e.STEP_FAILED: [("the runbook", "policy stop", text, *rest)],
        e.STEP_DONE: [("the runbook", "safety rules overridden", text, *rest)],
        e.LOCK_WAIVED: [("the run's input", "lock waived", text, *rest)],
        e.STEP_SKIPPED: [("the run's input", "step skipped", text, *rest)],
    }.get(event, [])
    assert found == expected
    plain = list_decisions(REFERENCE, STEPS, [link(event, step="unnamed")])
    assert len(plain) == (bool(expected) and event not in (e.STEP_FAILED, e.STEP_DONE))
    assert all(decision.step == "unnamed" for decision in plain)


@pytest.mark.parametrize(
    ("member", "value", "what"),
    [
        ("approved", True, "approved beforehand"),
        ("accept_data_loss", True, "data loss accepted beforehand"),
        ("take_over", "other", "take over from other"),
        ("point_in_time", AT, "recover to 2026-03-01 09:00:00 UTC"),
    ],
)
def test_input_of_the_run_is_a_decision(member: str, value: object, what: str) -> None:
    run = REFERENCE.model_copy(update={member: value, "reason": "storm"})
    (decision,) = list_decisions(run, [], [link(JournalEvent.RUN_BEGAN, step=None)])
    assert (decision.by, decision.what, decision.reason) == ("the run's input", what, "storm")
    assert list_decisions(REFERENCE, [], [link(JournalEvent.RUN_BEGAN, step=None)]) == []


# -- idle spans and time breakdown ------------------------------------------------------------------


@pytest.mark.parametrize("event", EVENTS)
def test_idle_span_lasts_from_end_to_resumption(event: JournalEvent) -> None:
    e = JournalEvent
    ended, resumed = entry(e.RUN_ENDED, 10), entry(e.RUN_RESUMED, 20)
    found = find_idle_spans([entry(event, 5), ended, entry(event, 15), resumed])
    begin, end = (5 if event is e.RUN_ENDED else 10), (15 if event is e.RUN_RESUMED else 20)
    assert [(s.started_at, s.ended_at) for s in found] == [(at(begin), at(end))]
    assert find_idle_spans([entry(event)]) == find_idle_spans([resumed]) == []


@pytest.mark.parametrize(
    ("idle", "pieces"),
    [
        ([], [(0, 10)]),
        ([(2, 4)], [(0, 2), (4, 10)]),
        ([(2, 4), (6, 7)], [(0, 2), (4, 6), (7, 10)]),
        ([(0, 4)], [(4, 10)]),
        ([(4, 10)], [(0, 4)]),
        ([(-3, 12)], []),
        ([(0, 10)], []),
        ([(-3, 0)], [(0, 10)]),
        ([(10, 12)], [(0, 10)]),
        ([(11, 12)], [(0, 10)]),
        ([(-5, -3)], [(0, 10)]),
        ([(-3, 2), (9, 12)], [(2, 9)]),
    ],
)
def test_idle_spans_are_cut_out(idle: list[tuple[float, float]], pieces: list[tuple[float, float]]) -> None:
    spans = [span(*each, text="idle") for each in idle]
    found = separate_idle_spans([span(0, 10)], spans)
    assert [(s.started_at, s.ended_at) for s in found if s.text == "x"] == [(at(a), at(b)) for a, b in pieces]
    assert [s for s in found if s.text == "idle"] == spans
    assert found == sorted(found, key=lambda s: s.started_at)


def step(begin: float, end: float, *parts: EvidencePart, kind: str = "drs.recover", name: str = "Step") -> EvidenceStep:
    return EvidenceStep(
        id=name, name=name, kind=kind, status=EvidenceStepStatus.DONE, attempts=1, started_at=at(begin),
        ended_at=at(end), detail="", parts=list(parts),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "until", "expected"),
    [
        ([(0, 10)], 10, [("Step", 0, 10)]),
        ([(0.9, 10)], 10, [("Step", 0, 10)]),
        ([(1, 10)], 10, [("between steps", 0, 1), ("Step", 1, 10)]),
        ([(0, 4), (4.9, 10)], 10, [("Step", 0, 4), ("Step", 4, 10)]),
        ([(0, 4), (5, 10)], 10, [("Step", 0, 4), ("between steps", 4, 5), ("Step", 5, 10)]),
        ([(0, 6), (3, 10)], 10, [("Step", 0, 6), ("Step", 6, 10)]),
        ([(0, 6), (3, 6)], 6, [("Step", 0, 6)]),
        ([(0, 9)], 8, [("Step", 0, 8)]),
        ([(0, 9)], 9.9, [("Step", 0, 9)]),
        ([(0, 9)], 10, [("Step", 0, 9), ("until the run ended", 9, 10)]),
        ([(0, 9), (12, 13)], 10, [("Step", 0, 9), ("until the run ended", 9, 10)]),
    ],
)
def test_time_is_broken_down_without_gaps(
    steps: list[tuple[float, float]], until: float, expected: list[tuple[str, float, float]]
) -> None:
    found = break_down_time(AT, AT, at(until), [step(*each) for each in steps], served=False)
    assert [(s.text, s.started_at, s.ended_at) for s in found] == [(text, at(a), at(b)) for text, a, b in expected]


def test_time_before_the_start_and_after_the_last_step_is_named() -> None:
    found = break_down_time(at(-60), AT, at(30), [step(0, 5, kind="approval.request", name="Ask")], served=True)
    assert [s.text for s in found] == [
        "until the run was started",
        "Ask (waiting for an operator)",
        "until users were served by the target",
    ]


def part(name: str, begin: float, end: float, wave: int, *, critical: bool = True) -> EvidencePart:
    return EvidencePart(
        name=name, status=EvidenceStepStatus.DONE, started_at=at(begin), ended_at=at(end), detail="", wave=wave,
        critical=critical,
    )  # fmt: skip


def test_critical_part_of_each_wave_takes_the_time_of_the_step() -> None:
    parts = part("a", 0, 3, 1, critical=False), part("b", 0, 5, 1), part("c", 5, 9, 2)
    found = break_down_time(AT, AT, at(9), [step(0, 9, *parts)], served=True)
    assert [(s.text, s.started_at, s.ended_at) for s in found] == [
        ("Step: b", AT, at(5)),
        ("Step: c", at(5), at(9)),
    ]


# -- steps ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", EVENTS)
def test_times_of_step_come_from_its_events(event: JournalEvent) -> None:
    e = JournalEvent
    ended = entry(e.STEP_DONE, 10)
    (found,) = build_steps(STEPS, [entry(event, 5), ended], succeeded=True)
    starts = event in (
        e.STEP_STARTED, e.QUESTION_ASKED, e.STEP_DONE, e.STEP_FAILED, e.STEP_WAITING, e.QUESTION_ANSWERED,
    )  # fmt: skip
    assert found.started_at == at(5 if starts else 10)
    (found,) = build_steps(STEPS, [ended, entry(event, 15)], succeeded=True)
    ends = event in (e.STEP_DONE, e.STEP_FAILED, e.QUESTION_ANSWERED, e.QUESTION_LAPSED)
    unfinished = event in (e.STEP_STARTED, e.STEP_WAITING)
    assert found.ended_at == (None if unfinished else at(15 if ends else 10))


def build_parts(*shown: tuple[float, str, str]) -> list[EvidencePart]:
    """Each: seconds, name, and state of a part that an entry shows."""
    entries = [
        entry(JournalEvent.STEP_WAITING, seconds, parts=[{"name": name, "state": state, "detail": ""}])
        for seconds, name, state in shown
    ]
    (found,) = build_steps(STEPS, entries, succeeded=False)
    return found.parts


def test_part_has_times_of_first_sight_and_first_end() -> None:
    (found,) = build_parts((1, "a", "waiting"), (3, "a", "waiting"), (5, "a", "done"), (8, "a", "done"))
    assert (found.started_at, found.ended_at, found.status) == (at(1), at(5), EvidenceStepStatus.DONE)
    (found,) = build_parts((1, "a", "waiting"), (5, "a", "failed"), (8, "a", "done"))
    assert (found.ended_at, found.status) == (at(8), EvidenceStepStatus.DONE)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ({"a": (0, 4), "b": (4, 7)}, {"a": (1, True), "b": (2, True)}),
        ({"a": (0, 4), "b": (3.5, 7)}, {"a": (1, False), "b": (1, True)}),
        ({"a": (0, 4), "b": (0, 6), "c": (5, 8)}, {"a": (1, False), "b": (1, False), "c": (1, True)}),
        ({"a": (0, 4), "b": (0, 4), "c": (6, 8)}, {"a": (1, True), "b": (1, True), "c": (2, True)}),
        ({"b": (5, 9), "a": (0, 3), "c": (9, 10)}, {"a": (1, True), "b": (2, True), "c": (3, True)}),
    ],
)
def test_wave_begins_when_all_parts_before_have_ended(
    spans: dict[str, tuple[float, float]], expected: dict[str, tuple[int, bool]]
) -> None:
    shown = [(times[n], name, state) for name, times in spans.items() for n, state in enumerate(("waiting", "done"))]
    assert {each.name: (each.wave, each.critical) for each in build_parts(*sorted(shown))} == expected


@pytest.mark.parametrize("event", EVENTS)
def test_part_with_its_own_entry_ends_with_done_or_failed(event: JournalEvent) -> None:
    (found,) = build_steps(STEPS, [entry(event, 3, part="a")], succeeded=False)
    ends = {
        JournalEvent.STEP_DONE: EvidenceStepStatus.DONE,
        JournalEvent.STEP_FAILED: EvidenceStepStatus.FAILED,
    }
    e, listed = JournalEvent, [(part.status, part.ended_at) for part in found.parts]
    if event in ends:
        assert listed == [(ends[event], at(3))]
    else:
        active = event in (e.STEP_STARTED, e.STEP_WAITING, e.QUESTION_ASKED, e.QUESTION_ANSWERED)
        assert listed == ([(EvidenceStepStatus.UNFINISHED, None)] if active else [])


# -- servers and objectives -------------------------------------------------------------------------

LAUNCHED = LaunchedServer(id="s-1", name="web-1", instance="i-1", job="j", launched_at=at(90).isoformat())


@pytest.mark.parametrize("event", EVENTS)
def test_servers_come_from_done_and_failed_steps(event: JournalEvent) -> None:
    facts = claims_to_facts([Launched(group="web", region="b", servers=(LAUNCHED,))])
    found = list_server_recoveries([link(JournalEvent.STEP_STARTED), link(event, 2, seconds=95, **facts)])
    listed = event in (JournalEvent.STEP_DONE, JournalEvent.STEP_FAILED)
    assert [server.id for server in found] == (["s-1"] if listed else [])
    assert all(server.launch_seconds == 90 for server in found)
    later = list_server_recoveries([link(event, seconds=30), link(JournalEvent.STEP_DONE, 2, seconds=95, **facts)])
    assert [server.launch_seconds for server in later] == [60 if event is JournalEvent.STEP_STARTED else None]


def test_launch_takes_as_long_as_from_the_first_job_of_its_group() -> None:
    waits = [
        link(JournalEvent.STEP_WAITING, seconds=seconds, **claims_to_facts([Launching(group=group, jobs=("j",))]))
        for seconds, group in ((20, "database"), (50, "web"), (70, "web"))
    ]
    failed = LaunchedServer(id="s-0", name="web-0", reason="no capacity")
    early = LaunchedServer(id="s-2", name="web-2", launched_at=at(40).isoformat())
    claims = claims_to_facts([Launched(group="web", region="b", servers=(LAUNCHED, failed, early))])
    found = list_server_recoveries([link(JournalEvent.STEP_STARTED), *waits, link(JournalEvent.STEP_DONE, **claims)])
    assert [(server.name, server.outcome, server.launch_seconds) for server in found] == [
        ("web-0", "failed", None),
        ("web-1", "recovered", 40),
        ("web-2", "recovered", 0),
    ]


def runbook(objective: int = 60) -> RunbookSummary:
    began = RunbookSummary.model_validate(failover()[0].facts["runbook"])
    return began.model_copy(update={"rto_seconds": objective, "rpo_seconds": objective})


@pytest.mark.parametrize(("seconds", "met"), [(-5, True), (0, True), (60, True), (60.5, False)])
@pytest.mark.parametrize("by_incident", [True, False])
def test_time_to_service_is_compared_with_its_objective(seconds: float, met: bool, by_incident: bool) -> None:
    service = ServiceRecord(served_at=at(seconds), moves_users=True, moved_back=False, outcome="succeeded")
    found = measure_rto(runbook(), service, began_at=AT, by_incident=by_incident)
    assert (found.measured_seconds, found.met, found.objective_seconds) == (max(0, seconds), met, 60)
    start = "the incident" if by_incident else "the start of the run"
    assert found.basis == f"from {start} until the check after the shift was done"


@pytest.mark.parametrize(
    ("moves", "back", "outcome", "reason"),
    [
        (False, True, "failed", "the run moves no users"),
        (True, False, "running", "the run has not ended"),
        (True, True, "succeeded", "the run moved the users back, as it should"),
        (True, True, "failed", ""),
        (True, True, "timed out", ""),
        (True, False, "succeeded", ""),
    ],
)
def test_missing_service_has_a_reason(moves: bool, back: bool, outcome: str, reason: str) -> None:
    service = ServiceRecord(served_at=None, moves_users=moves, moved_back=back, outcome=outcome)
    assert measure_rto(runbook(), service, began_at=AT, by_incident=True).reason == reason


def losses(*seconds: int) -> Sequence[ChainedEntry]:
    claims = [Ready(servers=1, worst_loss_seconds=each, loss_seconds={}) for each in seconds]
    return [link(JournalEvent.STEP_DONE, **claims_to_facts([claim])) for claim in claims]


@pytest.mark.parametrize(
    ("seconds", "worst", "met"), [((), None, False), ((5,), 5, True), ((90, 60), 60, True), ((5, 61), 61, False)]
)
def test_loss_is_that_of_the_last_preflight(seconds: tuple[int, ...], worst: int | None, met: bool) -> None:
    assert find_worst_loss(losses(*seconds)) == worst
    found = measure_rpo(runbook(), losses(*seconds))
    assert (found.measured_seconds, found.met) == (worst, met)


@pytest.mark.parametrize(("before", "shown"), [(0, False), (1, False), (1.001, True)])
def test_incident_is_marked_if_it_is_before_the_start(before: float, shown: bool) -> None:
    links = failover()
    run = RunRef.model_validate(links[0].facts["run"])
    facts = links[0].facts | {"run": run.model_copy(update={"incident_at": None}).model_dump(mode="json")}
    links[0] = links[0].model_copy(update={"facts": facts})
    incident = run.started_at - timedelta(seconds=before)
    found = build_evidence(RUN, links, ExternalFacts(incident_at=incident))
    assert ("incident" in [mark.kind for mark in found.marks]) is shown
    assert [mark.kind for mark in found.marks if mark.kind != "incident"] == ["start", "shift", "end"]


# -- figures of draws -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "percent", "rank"),
    [(1, 50, 1), (2, 50, 1), (3, 50, 2), (20, 95, 19), (21, 95, 20), (100, 95, 95), (7, 100, 7), (0, 95, 1), (5, 0, 1)],
)
def test_rank_is_the_smallest_that_reaches_the_percentage(count: int, percent: int, rank: int) -> None:
    assert required_count(count, percent) == rank


def test_percentiles_are_measured_values() -> None:
    figures = [Figure.measured(value) for value in (3, 1, 2)] + [Figure.not_measured("x"), Figure.never_reached("y")]
    found = Distribution.from_figures(figures)
    assert (found.p50.value, found.p95.status, found.max.status) == (2, "not reached", "not reached")
    assert found.values == [3, 1, 2]
    assert {status: found.count(status) for status in FigureStatus} == {
        "measured": 3,
        "not reached": 1,
        "not measured": 1,
    }
    assert nearest_rank(figures[:3], 100).value == 3
    assert nearest_rank(figures[3:4], 50) == Figure.not_measured("no draw measured it")
    with pytest.raises(ValueError, match="has no rank"):
        _ = figures[3].rank_value


@pytest.mark.parametrize("name", list(FigureName))
def test_all_figures_but_lost_writes_are_durations(name: FigureName) -> None:
    assert is_duration(name) is (name != "lost writes")
