"""The first task: checks the run's input and makes the reference that every other task is handed."""

from __future__ import annotations

from leeward.common.errors import InvalidInput
from leeward.common.signals import Announced, RunMetric
from leeward.control import register
from leeward.control import run as runs
from leeward.control.journal import Entry, Event
from leeward.control.run import RunRef
from leeward.lambdas.common.events import BeginEvent, Parameters
from leeward.lambdas.common.signals import announce, count
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class BeginParameters(Parameters):
    """The execution, from Step Functions' context object, and the runbook."""

    execution: runs.Execution
    runbook: runs.Runbook


@task(BeginEvent[BeginParameters])
def handler(event: BeginEvent[BeginParameters], bench: Workbench) -> RunRef:
    """Begin the run. Raises InvalidInput for an input that is not understood."""
    execution, runbook = event.parameters.execution, event.parameters.runbook
    if runbook.target != bench.region:
        raise InvalidInput(
            f"{runbook.runbook} of {runbook.application} enters {runbook.target}, but it was started in "
            f"{bench.region}: start it there"
        )
    run = runs.begin(execution, runbook, bench.now)
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
    register.enter(bench.table, run, execution.id)
    journal = bench.journal(run.id)
    # The same entry however often this task is called, so that a run begins once.
    link = journal.write_once(Entry(run.started_at, Event.RUN_BEGAN, detail, facts=facts), "begin")
    for step in runbook.steps:
        if step.id in run.skip:
            passed = f"{step.name}: skipped, as the run's input says"
            entry = Entry(run.started_at, Event.STEP_SKIPPED, passed, step.id, facts={"decision": "skip"})
            journal.write_once(entry, f"skip-{step.id}")
    announce(bench, Announced.RUN_BEGAN, run, link)
    count(run, {RunMetric.BEGAN: 1})
    return run
