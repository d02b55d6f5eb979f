"""The first task: checks the run's input and makes the reference that every other task is handed."""

from __future__ import annotations

from leeward.common.errors import InvalidInput
from leeward.common.naming.telemetry_names import DomainEventType, RunMetric
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.run import run_index
from leeward.control.run import run_reference as runs
from leeward.control.run.run_reference import RunRef
from leeward.lambdas.runtime.invocation.events import BeginEvent, Parameters
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry.run_notifications import count_run_metrics, publish_event


class BeginParameters(Parameters):
    """The execution, from Step Functions' context object, and the runbook."""

    execution: runs.ExecutionContext
    runbook: runs.RunbookSummary


@task(BeginEvent[BeginParameters])
def handler(event: BeginEvent[BeginParameters], context: TaskContext) -> RunRef:
    """Begin the run. Raises InvalidInput for an input that is not understood."""
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
    # First, because it is no evidence: a run that is listed and wrote nothing has done nothing, while a journal that
    # begins and could not go on would tell of a run that never ends.
    run_index.add_run(context.table, run, execution.id)
    journal = context.journal(run.id)
    # The same entry however often this task is called, so that a run begins once.
    link = journal.write_once(JournalEntry(run.started_at, JournalEvent.RUN_BEGAN, detail, facts=facts), "begin")
    for step in runbook.steps:
        if step.id in run.skip:
            passed = f"{step.name}: skipped, as the run's input says"
            entry = JournalEntry(run.started_at, JournalEvent.STEP_SKIPPED, passed, step.id, facts={"decision": "skip"})
            journal.write_once(entry, f"skip-{step.id}")
    publish_event(context, DomainEventType.RUN_BEGAN, run, link)
    count_run_metrics(run, {RunMetric.BEGAN: 1})
    return run
