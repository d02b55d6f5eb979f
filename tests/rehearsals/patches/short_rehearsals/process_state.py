"""Failovers of the website whose handlers and tools do what only some plug-ins do, and what a run leaves behind."""

from __future__ import annotations

import gc
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from moto.stepfunctions.parser import utils
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from leeward.common.aws import clients
from leeward.rehearsal.scenarios.aws_faults.aws_fault_documents import ServiceFails
from leeward.rehearsal.scenarios.scenario_documents import CallFails, OperatorSettings
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from tests.rehearsals.patches.short_rehearsals.observations import Observation, observe_run
from tests.rehearsals.patches.short_rehearsals.stops import start_failover, website_with_one_user

_OUTAGE = ServiceFails.model_validate({"kind": "service", "service": "drs", "fault": "throttled"})
_REJECTING = OperatorSettings(approval="reject")


def _also_do(stage: RehearsalSession, function_name: str, work: Callable[[], object]) -> None:
    """Let a task's handler do this first."""
    region = stage.world.target
    (function,) = [each for each in stage.engine.functions.list_in_region(region) if each.name == function_name]

    def handler(event: Any, context: Any) -> Any:
        work()
        return function.handler(event, context)

    stage.engine.functions.register(
        region, function.name, handler, environment=function.environment, role=function.role
    )


def handler_with_thread() -> Observation:
    """A task's handler starts a thread."""

    def run_in_thread() -> None:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()

    with website_with_one_user(operator=_REJECTING) as stage:
        _also_do(stage, "leeward-lock-acquire", run_in_thread)
        return observe_run(stage, start_failover(stage))


def long_polling() -> Observation:
    """A tool waits 20 seconds for a message of a queue while the run asks for approval."""

    def give_up(*_: object) -> None:
        raise TimeoutError

    with website_with_one_user(operator=_REJECTING) as stage:
        run = start_failover(stage)
        queue = stage.engine.client("sqs", stage.world.target).create_queue(QueueName="messages")["QueueUrl"]
        before, handler = stage.engine.clock.now(), signal.signal(signal.SIGALRM, give_up)
        signal.setitimer(signal.ITIMER_REAL, 10)
        try:
            stage.engine.client("sqs", stage.world.target).receive_message(QueueUrl=queue, WaitTimeSeconds=20)
            waited = f"{(stage.engine.clock.now() - before).total_seconds()} s"
        except TimeoutError:
            return {"poll": "never ends"}
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, handler)
        return observe_run(stage, run, poll=waited)


def endless_retries() -> Observation:
    """The operator retries a failed step after 29 minutes, again and again, until the execution times out."""
    patient = OperatorSettings(failure="retry", answers_after=timedelta(minutes=29))
    with website_with_one_user(_OUTAGE, operator=patient) as stage:
        run = start_failover(stage)
        stage.wait_without_users(timedelta(hours=20))
        machine = stage.engine.client("stepfunctions", stage.world.target)
        described = machine.describe_execution(executionArn=run.execution)
        return {"status": described["status"], "has stop date": "stopDate" in described}


def throttled_runs() -> Observation:
    """Two runs in one process: calls of the first use up every retry, and two calls of the second are throttled."""
    with website_with_one_user(_OUTAGE, operator=OperatorSettings(failure="retry")) as stage:
        start_failover(stage)
        stage.wait_without_users(timedelta(minutes=40))
    throttled = CallFails(kind="call", operation="drs:DescribeSourceServers", fault="throttled", times=2)
    with website_with_one_user(throttled, operator=_REJECTING) as stage:
        return observe_run(stage, start_failover(stage))


def process_afterward() -> Observation:
    """What a run leaves in the process: its clients, threads, and backends."""
    with website_with_one_user(operator=_REJECTING) as stage:
        observed = observe_run(stage, start_failover(stage))
    del stage
    gc.collect()
    kept = sum(isinstance(each, StepFunctionsParserBackend) for each in gc.get_objects())
    known = clients.cached_client.cache_info().currsize
    return {"AWS clients kept": known, "threads kept": len(utils.TMP_THREADS), "backends kept": kept, **observed}
