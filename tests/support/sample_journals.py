"""Journals made by hand: as long and as strange as a test wants them, and chained like real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from leeward.control.journal.hash_chain import GENESIS_HASH, ChainedEntry
from leeward.control.journal.run_journal import JournalEvent
from leeward.evidence.from_journal.evidence_builder import ExternalFacts, build_evidence
from leeward.evidence.model import Evidence, ExecutionGraph, UserTraffic, UserTrafficPoint

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
RUN = "shop.failover.run-1"
STEPS = [
    {"id": "lock", "name": "Take the lock", "kind": "lock"},
    {"id": "check", "name": "Check that it can succeed", "kind": "preflight"},
    {"id": "ask", "name": "Ask for approval", "kind": "approval.request"},
    {"id": "recover", "name": "Recover the servers", "kind": "drs.recover"},
    {"id": "shift", "name": "Send the users to us-west-2", "kind": "arc.route"},
    {"id": "look", "name": "Check as a user would", "kind": "http.check"},
]


@dataclass
class JournalBuilder:
    """A journal that is being written."""

    now: datetime = START
    links: list[ChainedEntry] = field(default_factory=list)

    def write(
        self,
        event: JournalEvent,
        detail: str,
        step: str | None = None,
        after: float = 0,
        attempt: int = 1,
        **facts: object,
    ) -> ChainedEntry:
        self.now += timedelta(seconds=after)
        last = self.links[-1] if self.links else None
        link = ChainedEntry(
            run=RUN,
            seq=len(self.links) + 1,
            id=f"request#{len(self.links) + 1:03}",
            at=self.now,
            event=event.value,
            detail=detail,
            step=step,
            attempt=attempt if step else None,
            facts=facts,
            previous=last.hash if last else GENESIS_HASH,
        ).with_hash()
        self.links.append(link)
        return link


def failover(
    servers: int = 3,
    per_group: int = 25,
    *,
    name: str = "web",
    names: Sequence[str] = (),
    failed: int = 0,
    reason: str = "storm",
) -> list[ChainedEntry]:
    """A failover of so many servers in groups, in two waves; `failed` of the last group do not launch.

    `names` are given to the groups and their servers in turn, in place of `name`.
    """

    def named(group: int) -> str:
        return names[group % len(names)] if names else name

    book = JournalBuilder()
    run = {
        "id": RUN, "application": "shop", "runbook": "failover", "origin": "us-east-1", "target": "us-west-2",
        "started_at": START.isoformat(), "incident_at": (START - timedelta(minutes=2)).isoformat(), "reason": reason,
    }  # fmt: skip
    runbook = {
        "application": "shop", "runbook": "failover", "origin": "us-east-1", "target": "us-west-2",
        "rto_seconds": 3600, "rpo_seconds": 300, "steps": STEPS,
    }  # fmt: skip
    book.write(JournalEvent.RUN_BEGAN, f"failover of shop: {reason}", run=run, runbook=runbook, execution="arn:x")
    book.write(JournalEvent.STEP_STARTED, "Take the lock: begun", "lock", 0.4)
    book.write(JournalEvent.STEP_DONE, "this run holds the lock", "lock", 0.1)
    book.write(JournalEvent.STEP_STARTED, "begun", "check", 0.4)
    book.write(JournalEvent.STEP_DONE, "ready", "check", 1, worst_loss_seconds=8)
    book.write(
        JournalEvent.QUESTION_ASKED, "go?", "ask", 1, kind="approval", choices=["approve", "reject"], default="reject"
    )
    book.write(
        JournalEvent.QUESTION_ANSWERED, "Ada", "ask", 60, kind="approval", by="Ada", decision="approve", reason=reason
    )
    numbers = list(range(servers))
    groups = [numbers[i : i + per_group] for i in range(0, servers, per_group)]
    half = (len(groups) + 1) // 2
    for wave in (range(half), range(half, len(groups))):
        for number in wave:
            book.write(JournalEvent.STEP_STARTED, "begun", "recover", 0.01, part=f"{named(number)}-group-{number}")
        for number in wave:
            last = number == len(groups) - 1 and failed
            lost = numbers[-failed:] if last else []
            output = [_server(named(number), n, book.now, failed=n in lost) for n in groups[number]]
            event, part = (
                JournalEvent.STEP_FAILED if last else JournalEvent.STEP_DONE,
                f"{named(number)}-group-{number}",
            )
            book.write(event, f"group {number}", "recover", 300 / len(groups) + 1, part=part, servers=output)
    if failed:
        book.write(JournalEvent.STEP_FAILED, "LaunchFailed: no room", "recover", 1, error="LaunchFailed", policy="stop")
        cause = "Run failed.\nNow: fix the cause"
        book.write(JournalEvent.RUN_ENDED, "failed", None, 1, outcome="failed", error="LaunchFailed", cause=cause)
        return book.links
    book.write(JournalEvent.STEP_STARTED, "begun", "shift", 1)
    book.write(JournalEvent.STEP_DONE, "1 on, 1 off", "shift", 1, traffic=["arn:on"], off=["arn:off"])
    book.write(JournalEvent.STEP_STARTED, "begun", "look", 0.4)
    book.write(JournalEvent.STEP_DONE, "as expected", "look", 12)
    book.write(JournalEvent.RUN_ENDED, "succeeded", None, 1, outcome="succeeded", error="", cause="")
    return book.links


def unnotified(*, sent_later: bool = False) -> list[ChainedEntry]:
    """A failover whose question was not sent, or only later, and that was answered all the same."""
    book, whole = JournalBuilder(), failover()
    for link in whole:
        book.write(JournalEvent(link.event), link.detail, link.step, 1, **link.facts)
        if link.event == JournalEvent.QUESTION_ASKED:
            facts = {"purpose": "question", "subject": "shop failover: approval required", "body": "Approve?"}
            unsent = book.write(JournalEvent.MESSAGE_UNSENT, "no", "ask", 0.1, **facts, error="sns:Publish: <down>")
            if sent_later:
                book.write(JournalEvent.MESSAGE_SENT, "yes", "ask", 0.1, **facts, unsent=unsent.seq)
    return book.links


def resumed() -> list[ChainedEntry]:
    """A failover that failed, was resumed, and succeeded."""
    book, whole = JournalBuilder(links=failover(failed=1)), failover()
    book.now = book.links[-1].at
    book.write(JournalEvent.RUN_RESUMED, "redriven: goes on at recover", after=600)
    after = next(n for n, link in enumerate(whole) if link.step == "shift")
    book.write(JournalEvent.STEP_DONE, "all recovered", "recover", 60, attempt=2)
    for link in whole[after:]:
        book.write(JournalEvent(link.event), link.detail, link.step, 1, **link.facts)
    return book.links


def _server(name: str, number: int, now: datetime, *, failed: bool) -> dict[str, object]:
    output: dict[str, object] = {
        "id": f"s-{number:017x}",
        "name": f"{name}-{number}",
        "job": f"drsjob-{number // 100:017x}",
    }
    if failed:
        return output | {"reason": "LAUNCH_FAILED: no capacity"}
    return output | {
        "instance": f"i-{number:017x}",
        "recovery_point": (START - timedelta(seconds=8)).isoformat(),
        "launched_at": now.isoformat(),
    }


def evidence(links: list[ChainedEntry], **external_facts: object) -> Evidence:
    """What is made of a journal, with users who watched."""
    points = [
        UserTrafficPoint(
            at=START + timedelta(seconds=5 * n - 120), requests=25, failed=25 if n < 120 else 0,
            served={} if n < 120 else {"us-west-2": 25},
        )
        for n in range(300)
    ]  # fmt: skip
    traffic = UserTraffic(every_seconds=5, points=points, requests=7500, failed=3000, downtime_seconds=600)
    return build_evidence(RUN, links, ExternalFacts(traffic=traffic, **external_facts))  # type: ignore[arg-type]


GRAPH = ExecutionGraph.model_validate(
    {
        "nodes": [
            {"name": "Begin", "type": "Task", "order": 1},
            {"name": "Recover", "type": "Parallel", "order": 2, "branches": 12},
            {"name": "Recover: failed", "type": "Task"},
            {"name": "Done", "type": "Succeed", "order": 3},
        ],
        "edges": [
            {"start": "Begin", "end": "Recover", "taken": True},
            {"start": "Recover", "end": "Recover: failed", "taken": False},
            {"start": "Recover", "end": "Done", "taken": True},
        ],
    }
)
