"""Runs one simulation: opens a fresh virtual clock and an empty AWS account, and closes them at the end."""

from __future__ import annotations

import json
import logging
import os
import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

import boto3
from moto import mock_aws

from leeward.twin.aws.moto_fixes import ec2_status_checks
from leeward.twin.aws.moto_fixes.route53 import route53_changes
from leeward.twin.engine import moto_patches
from leeward.twin.engine.host_process.runtime_patching import RuntimePatching, to_utc
from leeward.twin.engine.host_process.watchdog import Watchdog
from leeward.twin.engine.lambda_runtime import lambda_backend
from leeward.twin.engine.lambda_runtime.faults.lambda_outages import to_failed_invocation
from leeward.twin.engine.lambda_runtime.function_registry import FunctionRegistry
from leeward.twin.engine.lambda_runtime.invocation import HandlerRuntime
from leeward.twin.engine.moto_patches.determinism import shared_moto_state
from leeward.twin.engine.patch_list import PATCHES, detach_simulation
from leeward.twin.engine.scheduling.current_scheduler import current_scheduler_or_none, set_current_scheduler
from leeward.twin.engine.scheduling.task_scheduler import TaskScheduler
from leeward.twin.engine.step_functions import execution_events
from leeward.twin.engine.step_functions.executions import EventListener, ExecutionResult, ExecutionTracker, HistoryEvent
from leeward.twin.engine.virtual_clock import VirtualClock
from leeward.twin.errors import TwinError
from leeward.twin.interception import AwsInterceptor, botocore_hook
from leeward.twin.realism.execution_environments import ExecutionEnvironments
from leeward.twin.realism.realism_settings import Realism, RealismPart, SeededDraws
from leeward.twin.realism.realistic_calls import RealisticCalls

ACCOUNT = "123456789012"
DEFAULT_HORIZON = timedelta(days=30)
_INTERPRETER_LOG = logging.getLogger("moto.stepfunctions.parser")
# A client copies botocore's handlers when it is created. The hook is therefore added when the engine is imported, and
# stays. Without an open engine, it calls moto's handler, as if it had not been added.
botocore_hook.install()


@lru_cache(maxsize=256)
def cached_client(service: str, region: str) -> Any:
    """Return a boto3 client that is reused across runs, because creating one takes longer than most runs."""
    return boto3.client(service, region_name=region)  # type: ignore[call-overload]


@contextmanager
def _isolated_environment(account: str) -> Iterator[None]:
    """Remove the caller's AWS profile, credentials, and endpoints, so that they cannot affect a run."""
    saved_environment = dict(os.environ)
    try:
        for name in [name for name in os.environ if name.startswith(("AWS_", "BOTO_", "MOTO_"))]:
            del os.environ[name]
        empty_files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "BOTO_CONFIG"), os.devnull)
        os.environ.update(empty_files, AWS_EC2_METADATA_DISABLED="true", MOTO_ACCOUNT_ID=account)
        # moto's catalog of public images takes a quarter of a second to load in each Region, and no simulation needs
        # it.
        os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
        # Handlers are imported later. With tracing enabled, Powertools would load X-Ray's client and model.
        os.environ["POWERTOOLS_TRACE_DISABLED"] = "true"
        yield
    finally:
        for name in set(os.environ) - set(saved_environment):
            del os.environ[name]
        os.environ.update(saved_environment)


@contextmanager
def _silent_interpreter() -> Iterator[None]:
    """Silence the interpreter, which logs each failure of a state as an error of its own."""
    level = _INTERPRETER_LOG.level
    _INTERPRETER_LOG.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        _INTERPRETER_LOG.setLevel(level)


class _EngineContext:
    """The engine as interception uses it. Implements `EngineContext`."""

    def __init__(self, scheduler: TaskScheduler) -> None:
        self.now, self.sleep, self.check_caller = scheduler.now, scheduler.sleep, scheduler.check_caller
        self._scheduler = scheduler

    def calling_function(self) -> str | None:
        return self._scheduler.running_task.calling_function

    def calling_state(self) -> str:
        return self._scheduler.running_task.calling_state


class Engine:
    """One simulation run. A process can have one open engine at a time.

    `with Engine(start=..., seed=...) as engine:` opens it with a fresh virtual clock and an empty AWS account. Closing
    it ends every task and restores the process. The same seed produces the same history, byte for byte, in any process.
    """

    def __init__(
        self,
        start: datetime,
        seed: int = 0,
        account: str = ACCOUNT,
        horizon: timedelta = DEFAULT_HORIZON,
        watchdog_seconds: float = 30,
        *,
        realism: Realism | None = None,
    ) -> None:
        """Create the engine.

        `start` must have a time zone. `horizon` is the virtual time after which a run fails with HorizonReached.
        `watchdog_seconds` is the real time that a handler may compute without waiting. `realism` turns off delays for
        tests. By default, all are on.
        """
        moto_patches.check_moto_version()
        self.seed, self.account = seed, account
        self.realism = realism or Realism()
        self._scheduler = TaskScheduler(to_utc(start), horizon, seed)
        self._runtime_patching = RuntimePatching(self._scheduler, seed)
        self._watchdog = Watchdog(self._scheduler, watchdog_seconds)
        self._moto_mock = mock_aws(
            config={"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}
        )
        self._executions = ExecutionTracker(self._scheduler)
        self._closing = ExitStack()
        self._pending_error: BaseException | None = None
        self.clock = VirtualClock(self._scheduler)
        self.functions = FunctionRegistry(account, HandlerRuntime(self._scheduler, self._runtime_patching))
        if self.realism.has(RealismPart.COLD_STARTS):
            self.functions.environments = ExecutionEnvironments(SeededDraws(seed, "cold starts"))
        self.interceptor = AwsInterceptor(_EngineContext(self._scheduler), RealisticCalls(self.realism, seed))
        self.interceptor.http.account = account
        self.functions.faults.find_outage = lambda region: to_failed_invocation(
            self.interceptor.find_service_fault("lambda", region)
        )

    # -- opening and closing ----------------------------------------------------------------------

    def __enter__(self) -> Self:
        if current_scheduler_or_none() is not None:
            raise TwinError("an Engine is already open in this process; close it first")
        with ExitStack() as opening:  # closes what was opened if a later part fails
            self._open(opening)
            self._closing = opening.pop_all()
        return self

    def _open(self, opening: ExitStack) -> None:
        """Open each part. They close in reverse order: tasks end while everything else is still in place."""
        opening.enter_context(_isolated_environment(self.account))
        opening.enter_context(_silent_interpreter())
        opening.enter_context(PATCHES.applied())
        opening.enter_context(shared_moto_state.restored_moto_state())
        self._moto_mock.start()
        opening.callback(self._moto_mock.stop)
        set_current_scheduler(self._scheduler)
        opening.callback(set_current_scheduler, None)
        opening.callback(self._runtime_patching.stop)
        self._runtime_patching.start()
        shared_moto_state.seed_moto(self.seed)
        opening.callback(detach_simulation)
        if self.realism.has(RealismPart.STATUS_CHECKS):
            ec2_status_checks.set_draws(SeededDraws(self.seed, "ec2 status checks"))
        if self.realism.has(RealismPart.DNS_PROPAGATION):
            route53_changes.set_draws(SeededDraws(self.seed, "route53 changes"))
        self.interceptor.attach_to_urllib3()
        opening.callback(self.interceptor.detach_from_urllib3)
        botocore_hook.attach_interceptor(self.interceptor)
        opening.callback(botocore_hook.attach_interceptor, None)
        execution_events.set_listener(self._executions)
        opening.callback(execution_events.set_listener, None)
        lambda_backend.set_provider(self)
        opening.callback(lambda_backend.set_provider, None)
        opening.callback(self._end_tasks)
        self._watchdog.start()
        opening.callback(self._watchdog.stop)

    def _end_tasks(self) -> None:
        self._pending_error = self._scheduler.main_task.pending_error
        self._scheduler.cancel_all_tasks()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()
        if error is None and self._pending_error is not None:
            raise self._pending_error

    def fork(self, *, with_watchdog: bool = True) -> int:
        """Fork the process with the whole simulation. Return 0 in the child, and the child's process ID in the parent.

        You can fork at any moment of a run, because all tasks share the thread that forks. The child must end with
        `os._exit`, because the parent closes what it opened. `with_watchdog` also limits how long the child's handlers
        compute. Without it, the child may wait in the middle of a handler. Raises ForeignThread on another thread.
        """
        self._scheduler.check_caller()
        random_state = random.getstate()
        child = os.fork()
        if child == 0:
            random.setstate(random_state)  # Python reseeds the child's generator
            if with_watchdog:
                self._watchdog.restart_after_fork()
        return child

    def importing_handlers(self) -> AbstractContextManager[None]:
        """Return a context in which to import handlers. What their modules draw at random changes no later ID."""
        return self._runtime_patching.restored_streams()

    # -- state machines ---------------------------------------------------------------------------

    def client(self, service: str, region: str) -> Any:
        """Return a boto3 client for actors and worlds, kept between runs.

        Faults are injected into handlers' calls only.
        """
        return cached_client(service, region)

    def create_state_machine(self, region: str, name: str, definition: dict[str, Any] | str) -> str:
        """Create a state machine through the API and return its ARN.

        `definition` is ASL with JSONPath, without variables.
        """
        text = definition if isinstance(definition, str) else json.dumps(definition)
        role = f"arn:aws:iam::{self.account}:role/leeward-state-machine"
        answer = self.client("stepfunctions", region).create_state_machine(name=name, definition=text, roleArn=role)
        return str(answer["stateMachineArn"])

    def start_execution(self, state_machine_arn: str, name: str | None = None, execution_input: Any = None) -> str:
        """Start an execution through the API and return its ARN. The execution begins when the caller waits."""
        options = {} if name is None else {"name": name}
        region = state_machine_arn.split(":")[3]
        answer = self.client("stepfunctions", region).start_execution(
            stateMachineArn=state_machine_arn,
            input=json.dumps({} if execution_input is None else execution_input),
            **options,
        )
        return str(answer["executionArn"])

    def redrive_execution(self, execution_arn: str) -> None:
        """Redrive an execution that failed, was stopped, or timed out, through the API.

        The execution keeps its ARN and resumes when the caller waits. Raises ExecutionNotRedrivable (a ClientError).
        """
        region = execution_arn.split(":")[3]
        self.client("stepfunctions", region).redrive_execution(executionArn=execution_arn)

    def wait_for_execution(self, execution_arn: str, timeout: float | None = None) -> ExecutionResult:
        """Advance virtual time until the execution ends, and return its result.

        Raises ExecutionStillRunning after `timeout` virtual seconds, Deadlock when no timer is pending, and the error
        of an actor that failed.
        """
        return self._executions.wait_for_execution(execution_arn, timeout)

    @property
    def turn_count(self) -> int:
        """Return the number of scheduling decisions. If neither it nor the time has changed, no other task has run."""
        return self._scheduler.turn_count

    def current_state_name(self) -> str:
        """Return the name of the state in which the caller runs, or an empty string outside a state."""
        return self._scheduler.running_task.find_state_name()

    def get_history(self, execution_arn: str) -> list[HistoryEvent]:
        """Return the events so far, with the field names of GetExecutionHistory.

        The values are JSON-able, and the timestamps have microseconds.
        """
        return self._executions.get_history(execution_arn)

    def add_event_listener(self, listener: EventListener) -> None:
        """Call `listener(execution_arn, event)` for each history event as it happens. The listener may not wait."""
        self._executions.add_event_listener(listener)
