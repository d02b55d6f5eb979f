"""What must be true after every course, however the callers were interleaved. Each function asserts one guarantee."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from leeward.common.aws import change_guard
from leeward.control.journal.hash_chain import find_breaks
from leeward.control.journal.run_journal import JournalEvent, read_chain
from tests.lambdas.exactly_once.interleaving import CarriedOut
from tests.lambdas.exactly_once.shared_step_run import LINGERING, REPEATED, SUCCESSOR, SharedStepRun
from tests.lambdas.exactly_once.steps import GROUPS
from tests.support.task_world import TABLE, TARGET

_CALLERS_OF_FIRST_RUN = (LINGERING, REPEATED)
_LONGEST_VERIFIED = timedelta(seconds=change_guard.VERIFIED_SECONDS)
_ENTRY, _INTENT = "E#", "ORDER#"
_FENCED_EVENTS = ("step.started", "step.done")


def verify(run: SharedStepRun) -> None:
    """Assert every guarantee."""
    remaining_run_reaches_goal(run)
    each_server_is_launched_once(run)
    each_journal_is_one_chain(run)
    no_write_is_lost(run)
    run_without_lock_changes_nothing(run)


def remaining_run_reaches_goal(run: SharedStepRun) -> None:
    """The run that holds the lock ends with its step done. The other one is stopped, unless it was done before."""
    ends = run.interleaving.ends
    if run.course.is_taken_over:
        assert ends[SUCCESSOR] == "done", ends
        assert ends[REPEATED] in ("done", "LockLost"), ends
    else:
        assert ends[REPEATED] == "done", ends
    assert ends[LINGERING] in ("done", "waiting", "LockLost", "Runtime.ExitError", "Sandbox.Timedout"), ends
    assert run.course.step.is_reached(run.world)


def each_server_is_launched_once(run: SharedStepRun) -> None:
    """Every server has been in one launch job and has one instance, and each run has asked DRS once for each group."""
    world = run.world
    servers = sorted(server.server_id for server in world.drs.servers(TARGET))
    started = world.started_servers()
    if started:
        assert started == servers
        instances = [
            instance
            for page in world.client("ec2").get_paginator("describe_instances").paginate()
            for reservation in page["Reservations"]
            for instance in reservation["Instances"]
            if instance["State"]["Name"] == "running"
        ]
        assert len(instances) == len(servers) == len(world.drs.recovery_instances(TARGET))
    sent = run.interleaving.sent
    for callers in (_CALLERS_OF_FIRST_RUN, (SUCCESSOR,)):
        assert sum(sent[f"{caller} drs:StartRecovery"] for caller in callers) <= len(GROUPS), sent


def each_journal_is_one_chain(run: SharedStepRun) -> None:
    """Both chains are intact, and have once what must be there once."""
    done_runs = [run.second if run.course.is_taken_over else run.first]
    for reference in (run.first, run.second):
        links = read_chain(run.world.table, reference["id"])
        assert find_breaks(reference["id"], links) == []
        ids = Counter(link.id for link in links)
        assert all(count == 1 for count in ids.values()), ids
        names = (str(link.facts.get("task", "")) and f"{link.event} of {link.step}" for link in links)
        once = Counter(name for name in names if name.startswith(_FENCED_EVENTS))
        assert all(count == 1 for count in once.values()), once
        lost = Counter(link.detail for link in links if link.event == JournalEvent.PROTECTION_LOST)
        assert all(count == 1 for count in lost.values()), lost
        if reference in done_runs:
            assert (once["step.started of step"], once["step.done of step"]) == (1, 1)


def no_write_is_lost(run: SharedStepRun) -> None:
    """Each entry that was stored is in its chain as it was written. An intent is there unless it was withdrawn."""
    items = {
        (item["pk"]["S"], item["sk"]["S"]): item
        for page in run.world.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
        for item in page["Items"]
    }
    withdrawn = {
        (call.parameters["Key"]["pk"]["S"], call.parameters["Key"]["sk"]["S"])
        for call in run.interleaving.carried_out
        if call.operation == "dynamodb:DeleteItem"
    }
    entries = _stored_items(run, _ENTRY)
    assert len(entries) >= len(read_chain(run.world.table, run.first["id"]))
    for item in entries:
        assert items[item["pk"]["S"], item["sk"]["S"]] == item
    for item in _stored_items(run, _INTENT):
        key = (item["pk"]["S"], item["sk"]["S"])
        assert key in withdrawn or items[key]["servers"] == item["servers"], key


def run_without_lock_changes_nothing(run: SharedStepRun) -> None:
    """After the takeover, the first run neither starts nor ends a step, and places no intent. AWS is left as it is.

    A call that is under way when the lock is taken over may arrive later. The caller may have verified the lock just
    before.
    """
    calls = run.interleaving.carried_out
    taken = next((n for n, call in enumerate(calls) if _takes_lock(call)), None)
    assert (taken is not None) == run.course.is_taken_over
    if taken is None:
        return
    since = calls[taken].at
    for call in calls[taken:]:
        if call.caller in _CALLERS_OF_FIRST_RUN:
            item = _stored_item(call)
            is_intent = item is not None and item["pk"]["S"].startswith(_INTENT) and "job" not in item
            assert not is_intent, call
            assert item is None or item.get("event", {}).get("S") not in _FENCED_EVENTS, call
            assert not call.is_change or call.made_at <= since + _LONGEST_VERIFIED, call


def _takes_lock(call: CarriedOut) -> bool:
    item = _stored_item(call)
    return call.caller == SUCCESSOR and item is not None and item["sk"]["S"] == "LOCK"


def _stored_items(run: SharedStepRun, prefix: str) -> list[dict[str, Any]]:
    """Return the items that were stored with this beginning of a key."""
    items = [item for call in run.interleaving.carried_out if (item := _stored_item(call)) is not None]
    return [item for item in items if item["sk"]["S"].startswith(prefix) or item["pk"]["S"].startswith(prefix)]


def _stored_item(call: CarriedOut) -> dict[str, Any] | None:
    """Return the item that the call stored. A call whose condition failed was not carried out."""
    if call.operation == "dynamodb:PutItem":
        return dict(call.parameters["Item"])
    if call.operation == "dynamodb:TransactWriteItems":
        return dict(call.parameters["TransactItems"][0]["Put"]["Item"])
    return None
