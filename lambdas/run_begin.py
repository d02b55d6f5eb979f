"""Lambda task that begins a run: it validates the input and returns the reference that every other task gets."""

from __future__ import annotations

from leeward.common.errors import InvalidInput
from leeward.common.naming.telemetry_names import DomainEventType, RunMetric
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.run import run_index
from leeward.control.run import run_reference as runs
from leeward.control.run.run_reference import RunRef
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import BeginEvent, Parameters, TaskResult
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry.run_notifications import count_run_metrics, publish_event


class BeginParameters(Parameters):
    """The execution, from the Step Functions context object, and the runbook."""

    execution: runs.ExecutionContext
    runbook: runs.RunbookSummary


class BegunRun(TaskResult):
    """The reference that every other task gets, and the last entry of the run's journal."""

    run: RunRef
    head: str | None


@task(BeginEvent[BeginParameters])
def handler(event: BeginEvent[BeginParameters], context: TaskContext) -> BegunRun:
    """Begin the run. Raises InvalidInput for an invalid input."""
    execution, runbook = event.parameters.execution, event.parameters.runbook
    if runbook.target != context.region:
        raise InvalidInput(
            f"{runbook.runbook} of {runbook.application} enters {runbook.target}, but it was started in "
            f"{context.region}: start it there"
        )
    run = runs.begin_run(execution, runbook, context.now)
    facts = {
        "run": run.model_dump(mode="json"),
        "execution": execution.id,
        "runbook": runbook.model_dump(mode="json"),
    }
    detail = f"{run.runbook} of {run.application}, {run.origin} -> {run.target}" + (
        f": {run.reason}" if run.reason else ""
    )
    # The index comes first, because it is not evidence. An indexed run without a journal did nothing, but a journal
    # with only a first entry would show a run that never ends.
    run_index.add_run(context.table, run, execution.id)
    journal = context.journal(run.id)
    # The entry is written once, even if this task is called again.
    link = journal.write_first(JournalEntry(run.started_at, JournalEvent.RUN_BEGAN, detail, facts=facts), "begin")
    for step in runbook.steps:
        if step.id in run.skip:
            detail = f"{step.name}: skipped, as the run's input says"
            entry = JournalEntry(run.started_at, JournalEvent.STEP_SKIPPED, detail, step.id, facts={"decision": "skip"})
            journal.write_once(entry, f"skip-{step.id}")
    publish_event(context, DomainEventType.RUN_BEGAN, run, link)
    count_run_metrics(run, {RunMetric.BEGAN: 1})
    return BegunRun(run=run, head=journal.head)
