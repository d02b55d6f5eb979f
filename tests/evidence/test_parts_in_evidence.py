"""The parts of a step, such as server groups, from the journal to the evidence: waves, times, and servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from leeward.common.polling import PartProgress, PartState
from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import JournalEvent, entry_from_link, read_chain
from leeward.control.run.run_reference import RunbookStep
from leeward.evidence.from_journal.servers import list_server_recoveries
from leeward.evidence.from_journal.steps import build_steps
from leeward.evidence.model import EvidencePart, EvidenceStepStatus
from tests.support.sample_journals import START, JournalBuilder
from tests.support.task_world import TARGET, TaskFailed, TaskWorld, open_task_world, recover_parameters

DONE, FAILED, WAITING = PartState.DONE, PartState.FAILED, PartState.WAITING
STEP = RunbookStep(id="step", name="Recover the servers", kind="drs.recover")


@pytest.fixture
def world() -> Iterator[TaskWorld]:
    """Two web servers and a database, replicating since yesterday."""
    with open_task_world() as made:
        made.servers("web-1", "web-2", "database")
        made.advance(3600)
        yield made


def parts_of(links: list[ChainedEntry]) -> dict[str, EvidencePart]:
    (step,) = build_steps([STEP], [entry_from_link(link) for link in links], succeeded=True)
    return {part.name: part for part in step.parts}


def written(book: JournalBuilder, event: JournalEvent, after: float, **parts: PartState) -> None:
    listed = [PartProgress(name=name, state=state, detail=f"{name} {state}") for name, state in parts.items()]
    book.write(event, "progress", "step", after, parts=[part.model_dump(mode="json") for part in listed])


def test_parts_have_waves_and_times_of_their_entries() -> None:
    book = JournalBuilder()
    book.write(JournalEvent.STEP_STARTED, "begun", "step")
    written(book, JournalEvent.STEP_WAITING, 10, database=WAITING)
    written(book, JournalEvent.STEP_WAITING, 600, database=DONE, web=WAITING, mail=WAITING)
    written(book, JournalEvent.STEP_WAITING, 300, database=DONE, web=WAITING, mail=DONE)
    written(book, JournalEvent.STEP_DONE, 200, database=DONE, web=DONE, mail=DONE)
    found = parts_of(book.links)
    seconds = {
        name: ((part.started_at - START).total_seconds(), (part.ended_at - START).total_seconds())
        for name, part in found.items()
        if part.started_at and part.ended_at
    }
    assert seconds == {"database": (10, 610), "web": (610, 1110), "mail": (610, 910)}
    assert {name: part.wave for name, part in found.items()} == {"database": 1, "web": 2, "mail": 2}
    assert [name for name, part in found.items() if part.critical] == ["database", "web"]
    assert {part.status for part in found.values()} == {EvidenceStepStatus.DONE}


def test_part_that_failed_keeps_time_of_its_failure() -> None:
    book = JournalBuilder()
    book.write(JournalEvent.STEP_STARTED, "begun", "step")
    written(book, JournalEvent.STEP_WAITING, 10, web=WAITING, mail=WAITING)
    written(book, JournalEvent.STEP_WAITING, 60, web=FAILED, mail=WAITING)
    written(book, JournalEvent.STEP_FAILED, 600, web=FAILED, mail=DONE)
    found = parts_of(book.links)
    assert (found["web"].status, found["web"].ended_at) == (EvidenceStepStatus.FAILED, START + timedelta(seconds=70))
    assert (found["mail"].status, found["mail"].ended_at) == (EvidenceStepStatus.DONE, START + timedelta(seconds=670))


def test_part_that_is_tried_again_ends_with_its_last_attempt() -> None:
    book = JournalBuilder()
    written(book, JournalEvent.STEP_FAILED, 10, web=FAILED, mail=DONE)
    written(book, JournalEvent.STEP_WAITING, 60, web=WAITING)
    assert parts_of(book.links)["web"].ended_at is None
    written(book, JournalEvent.STEP_DONE, 60, web=DONE, mail=DONE)
    found = parts_of(book.links)
    assert (found["web"].status, found["web"].ended_at) == (EvidenceStepStatus.DONE, START + timedelta(seconds=130))
    assert found["mail"].ended_at == START + timedelta(seconds=10)


def test_journal_with_both_forms_of_parts_is_read() -> None:
    """A run that version 0.1 began is resumed by a later version."""
    book = JournalBuilder()
    book.write(JournalEvent.STEP_STARTED, "begun", "step", part="web")
    book.write(JournalEvent.STEP_FAILED, "no capacity", "step", 60, part="web")
    written(book, JournalEvent.STEP_DONE, 600, web=DONE)
    (part,) = parts_of(book.links).values()
    assert (part.status, part.started_at, part.ended_at) == (
        EvidenceStepStatus.DONE,
        START,
        START + timedelta(seconds=660),
    )


def test_recovery_in_waves_is_in_evidence(world: TaskWorld) -> None:
    world.run_until_done("drs_recover", longest=30, **recover_parameters("database", "web"))
    links = read_chain(world.table, world.run["id"])
    found = parts_of(links)
    assert {name: part.wave for name, part in found.items()} == {"database": 1, "web": 2}
    database, web = world.launch_jobs()
    assert abs((found["database"].started_at or START) - database.created_at) < timedelta(seconds=5)
    assert abs((found["web"].started_at or START) - web.created_at) < timedelta(seconds=5)
    assert found["web"].detail.startswith("web: 2 of 2 recovered")


def test_servers_of_wave_are_timed_from_start_of_their_group(world: TaskWorld) -> None:
    world.run_until_done("drs_recover", longest=30, **recover_parameters("database", "web"))
    servers = list_server_recoveries(read_chain(world.table, world.run["id"]))
    assert [(server.group, server.name, server.outcome) for server in servers] == [
        ("database", "database", "recovered"),
        ("web", "web-1", "recovered"),
        ("web", "web-2", "recovered"),
    ]
    jobs = {job.tags["leeward:group"]: job for job in world.launch_jobs()}
    launched = {instance.server_id: instance.launched_at for instance in world.drs.recovery_instances(TARGET)}
    for server in servers:
        expected = (launched[server.id] - jobs[server.group].created_at).total_seconds()
        assert server.launch_seconds == pytest.approx(expected, abs=5)


def test_failed_part_is_journaled_with_parts_that_are_done(world: TaskWorld) -> None:
    database = next(server for server in world.drs.servers(TARGET) if server.tags["Role"] == "database")
    world.drs.fail_launch(database.server_id, "no capacity", times=1)
    with pytest.raises(TaskFailed, match="LaunchFailed"):
        world.run_until_done("drs_recover", longest=30, **recover_parameters(("web", "database")))
    found = parts_of(read_chain(world.table, world.run["id"]))
    assert {name: part.status for name, part in found.items()} == {
        "web": EvidenceStepStatus.DONE,
        "database": EvidenceStepStatus.FAILED,
    }
