"""Plants bugs in the handlers of a run's tasks, and says which invariants the run then violates.

A bug never changes the limit that the invariant compares with, and never depends on the text of a message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from leeward.rehearsal.runner.single_rehearsal import play_run
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.state_machines.build import BuiltRunbook
from tests.support.paths import REPOSITORY
from tests.support.website_session import compile_website, website_session

Work = Callable[[dict[str, Any], Any], Any]
Bug = Callable[[Work], Work]
Change = Callable[[RehearsalSession], object]

LOCK = "  - {name: Lock, kind: lock}\n"
TELL = "  - {name: Tell, kind: notify, message: hello}\n"
RECOVER = "  - {name: Recover, kind: drs.recover, groups: [database], timeout: 25m}\n"
WAIT = "  - {name: Wait, kind: wait, for: 10m}\n"
ROUTE = "  - {name: Route, kind: arc.route, component: traffic}\n"


def short_failover(*steps: str) -> BuiltRunbook:
    """Return the website's failover with these steps alone, compiled but not validated."""

    def edit(text: str) -> str:
        head = text[: text.index("\nsteps:\n")]
        head = head[: head.index("\ntriggers:\n")] if "\ntriggers:\n" in head else head
        return head + "\nsteps:\n" + "".join(steps)

    return compile_website(runbook=edit)


def without_bug(work: Work) -> Work:
    """Return the handler as it is."""
    return work


def bug_that_first(act: Callable[[dict[str, Any]], object], *, once: bool = True) -> Bug:
    """Return a bug that does something before the handler's own work, in its first call or in all of them."""

    def bug(work: Work) -> Work:
        calls: list[None] = []

        def handler(event: dict[str, Any], context: Any) -> Any:
            if not (once and calls):
                calls.append(None)
                act(event)
            return work(event, context)

        return handler

    return bug


def bug_that_replaces(answer: Work) -> Bug:
    """Return a bug that does something else instead of the handler's work."""
    return lambda _work: answer


@contextmanager
def with_bug(session: RehearsalSession, task: str, bug: Bug, region: str) -> Iterator[None]:
    """Replace the handler of a task, such as `drs-recover`, in one Region.

    With a bug, roles aren't evaluated: IAM would deny most of these calls before they do harm.
    """
    if bug is not without_bug:
        session.engine.interceptor.authorizer = None
    name = f"leeward-{task}"
    function = session.engine.functions.find(name, region)
    session.engine.functions.register(
        region,
        name,
        bug(function.handler),
        timeout_seconds=function.timeout_seconds,
        latency_seconds=function.latency_seconds,
        environment=function.environment,
    )
    yield


def violations_in_committed(
    application: str, runbook: str, task: str = "notify", bug: Bug = without_bug, *, change: Change | None = None
) -> set[str]:
    """Play a complete committed runbook with a bug, and return the violated invariants. `change` edits the world."""
    with open_sweep_session(SweepTarget(REPOSITORY, application, runbook, 7)) as (session, ready):
        return _play(session, ready, task, bug, change)


def violations_in_website(
    ready: BuiltRunbook,
    task: str = "notify",
    bug: Bug = without_bug,
    *,
    failed_region: str | None = None,
    change: Change | None = None,
) -> set[str]:
    """Play a runbook of the website with a bug, and return the violated invariants."""
    with website_session(ready=ready, failed_region=failed_region) as session:
        session.wait_until(session.incident_at + timedelta(minutes=1))
        return _play(session, ready, task, bug, change)


def _play(session: RehearsalSession, ready: BuiltRunbook, task: str, bug: Bug, change: Change | None) -> set[str]:
    with with_bug(session, task, bug, ready.compiled.run_regions.target):
        if change is not None:
            change(session)
        result = play_run(session, ready, "trial", {})[1]
    return {invariant.name for invariant in result.invariants if invariant.violated}


def short_run_violations(*steps: str, task: str = "notify", bug: Bug = without_bug, **options: Any) -> set[str]:
    """Play the short failover with these steps, and return the violated invariants."""
    return violations_in_website(short_failover(*steps), task, bug, **options)
