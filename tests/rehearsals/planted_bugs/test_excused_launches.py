"""What excuses a server that did not launch: its own failure in the journal, and no other mention of its name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from leeward.common.claims.types.server_claims import Launched, LaunchedServer
from leeward.common.errors import LaunchFailed
from leeward.common.polling import PollResult
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.lambdas.shared.group_recovery_task import RecoverParameters, advance_recovery
from leeward.rehearsal.results.result_models import ExecutionOutcome, RehearsalResult
from leeward.rehearsal.runner.single_rehearsal import play_run
from leeward.rehearsal.scenarios.scenario_documents import LaunchFails
from tests.support.planted_bugs import Bug, bug_that_replaces, with_bug, without_bug
from tests.support.website_session import WEST, broken_invariants, compile_website, replace_text, website_session

FAILING = "catalogue-page"
CONTINUE = replace_text("    on_failure: undo       # terminates what was launched\n", "    on_failure: continue\n")


def drill_with_failed_launch(bug: Bug = without_bug, run_input: dict[str, Any] | None = None) -> RehearsalResult:
    """A drill that goes on although the catalogue page doesn't launch. The journal names that server's failure."""
    drill = compile_website(CONTINUE, name="drill")
    fault = LaunchFails(kind="launch-fails", group=FAILING, reason="no capacity")
    with (
        website_session(fault, ready=drill, failed_region=None) as stage,
        with_bug(stage, "drs-recover", bug, WEST),
    ):
        stage.wait_until(stage.incident_at + timedelta(minutes=1))
        result = play_run(stage, drill, "drill", run_input or {})[1]
    assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
    return result


def violated(result: RehearsalResult) -> set[str]:
    return {text.split(":")[0] for text in broken_invariants(result)}


def test_server_whose_failure_is_in_the_journal_keeps_truth() -> None:
    assert violated(drill_with_failed_launch()) == set()


def test_servers_of_a_skipped_step_keep_truth() -> None:
    skip = {"skip": ["Recover the servers as a drill"]}
    assert violated(drill_with_failed_launch(run_input=skip)) == set()


@task(WaitingEvent[RecoverParameters])
def lie_about_database(event: WaitingEvent[RecoverParameters], context: TaskContext) -> PollResult:
    """Launch everything but the database, and claim that it was launched, as an instance that doesn't exist."""
    named = [[group for group in wave if group.name != "database"] for wave in event.parameters.waves]
    parameters = event.parameters.model_copy(update={"waves": [wave for wave in named if wave]})
    server = LaunchedServer(id="s-0123", name="database", instance="i-0123")
    claim = Launched(group="database", region=event.parameters.region or "", servers=(server,))
    try:
        return advance_recovery(event.model_copy(update={"parameters": parameters}), context)
    except LaunchFailed as error:
        raise LaunchFailed(str(error), claims=[*error.claims, claim]) from error


def test_false_claim_beside_another_failure_breaks_truth() -> None:
    """The journal names the database in a claim, and another server in a failure. Only the latter is excused."""
    result = drill_with_failed_launch(bug_that_replaces(lie_about_database))
    assert violated(result) == {"truth"}
