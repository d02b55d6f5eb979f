"""The engine: one run of the simulation, from a fresh clock and a fresh AWS to the end."""

from __future__ import annotations

import json
import logging
import os
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

import boto3
from moto import mock_aws

from leeward.twin.engine import moto_patches
from leeward.twin.engine.host_process.runtime_patching import RuntimePatching, to_utc
from leeward.twin.engine.host_process.watchdog import Watchdog
from leeward.twin.engine.lambda_runtime import lambda_backend
from leeward.twin.engine.lambda_runtime.function_registry import FunctionRegistry
from leeward.twin.engine.lambda_runtime.invocation import HandlerRuntime
from leeward.twin.engine.moto_patches.determinism import deterministic_ids
from leeward.twin.engine.scheduling.current_scheduler import current_scheduler_or_none, set_current_scheduler
from leeward.twin.engine.scheduling.task_scheduler import TaskScheduler
from leeward.twin.engine.step_functions import execution_events
from leeward.twin.engine.step_functions.executions import EventListener, ExecutionResult, ExecutionTracker, HistoryEvent
from leeward.twin.engine.virtual_clock import VirtualClock
from leeward.twin.errors import TwinError
from leeward.twin.interception import AwsInterceptor, botocore_hook

ACCOUNT = "123456789012"
DEFAULT_HORIZON = timedelta(days=30)
_INTERPRETER_LOG = logging.getLogger("moto.stepfunctions.parser")
_is_installed = False
_install_callbacks: list[Callable[[], object]] = []


def on_install(callback: Callable[[], object]) -> None:
    """Call `callback` once, when the first engine of the process patches botocore, or at once if that happened before.

    Callers discard their cached AWS clients in it: a client that was created before the patch bypasses the hook.
    """
    _install_callbacks.append(callback)
    if _is_installed:
        callback()


def install() -> None:
    """Patch moto, Lambda, and botocore, once per process. Clients that were created before bypass botocore's hook."""
    global _is_installed  # noqa: PLW0603
    if _is_installed:
        return
    moto_patches.install()
    lambda_backend.install()
    botocore_hook.install()
    _is_installed = True
    for callback in _install_callbacks:
        callback()


@lru_cache(maxsize=256)
def cached_client(service: str, region: str) -> Any:
    """A boto3 client that outlives a run: making one takes longer than most runs."""
    return boto3.client(service, region_name=region)  # type: ignore[call-overload]


def _isolate_environment(account: str) -> None:
    """No profile, no credentials, no endpoint of the person who runs this may have any say in a simulation."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "BOTO_", "MOTO_"))]:
        del os.environ[name]
    nothing = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "BOTO_CONFIG"), os.devnull)
    os.environ.update(nothing, AWS_EC2_METADATA_DISABLED="true", MOTO_ACCOUNT_ID=account)
    # moto's catalogue of public images takes it a quarter of a second in each Region, and nothing here needs one.
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    # Handlers are imported now: with a tracer that nothing listens to, Powertools would load X-Ray's client and model.
    os.environ["POWERTOOLS_TRACE_DISABLED"] = "true"


def _restore_environment(environment: dict[str, str]) -> None:
    for name in set(os.environ) - set(environment):
        del os.environ[name]
    os.environ.update(environment)


class _EngineContext:
    """What the wire sees of the engine."""

    def __init__(self, scheduler: TaskScheduler) -> None:
        self.now, self.sleep, self.check_caller = scheduler.now, scheduler.sleep, scheduler.check_caller
        self._scheduler = scheduler

    def calling_function(self) -> str | None:
        return self._scheduler.running_task.calling_function


class Engine:
    """`with Engine(start=..., seed=...) as engine:` one run; one at a time per process.

    Entering gives a fresh virtual clock and an empty AWS account; leaving ends every task and gives the process back.
    The same seed gives the same history, byte for byte, in any process.
    """

    def __init__(
        self,
        start: datetime,
        seed: int = 0,
        account: str = ACCOUNT,
        horizon: timedelta = DEFAULT_HORIZON,
        watchdog_seconds: float = 30,
    ) -> None:
        """`start` is time zone aware. `horizon` is how much virtual time may pass before a run that only ticks is
        ended with HorizonReached. `watchdog_seconds` is how long, really, a handler may compute without waiting."""
        install()
        self.seed, self.account = seed, account
        self._scheduler = TaskScheduler(to_utc(start), horizon, seed)
        self._runtime_patching = RuntimePatching(self._scheduler, seed)
        self._watchdog = Watchdog(self._scheduler, watchdog_seconds)
        self._moto_mock = mock_aws(
            config={"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}
        )
        self._executions = ExecutionTracker(self._scheduler)
        self._saved_environment: dict[str, str] = {}
        self.clock = VirtualClock(self._scheduler)
        self.functions = FunctionRegistry(account, HandlerRuntime(self._scheduler, self._runtime_patching))
        self.interceptor = AwsInterceptor(_EngineContext(self._scheduler))
        self.interceptor.set_sts_account(account)

    # -- opening and closing ----------------------------------------------------------------------

    def __enter__(self) -> Self:
        if current_scheduler_or_none() is not None:
            raise TwinError("an Engine is already open in this process; close it first")
        self._saved_environment = dict(os.environ)
        _isolate_environment(self.account)
        _INTERPRETER_LOG.setLevel(logging.CRITICAL + 1)
        self._moto_mock.start()
        set_current_scheduler(self._scheduler)
        self._runtime_patching.apply_patches()
        deterministic_ids.seed_moto(self.seed)
        self.interceptor.patch_urllib3()
        botocore_hook.attach_interceptor(self.interceptor)
        execution_events.set_listener(self._executions)
        lambda_backend.set_provider(self)
        self._watchdog.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watchdog.stop()
        unseen = self._scheduler.main_task.pending_error if error is None else None
        try:
            self._scheduler.cancel_all_tasks()
        finally:
            lambda_backend.set_provider(None)
            execution_events.set_listener(None)
            botocore_hook.attach_interceptor(None)
            self.interceptor.restore_urllib3()
            self._runtime_patching.restore_originals()
            set_current_scheduler(None)
            self._moto_mock.stop()
            _INTERPRETER_LOG.setLevel(logging.NOTSET)
            _restore_environment(self._saved_environment)
        if unseen is not None:
            raise unseen

    def fork(self, *, with_watchdog: bool = True) -> int:
        """`os.fork` of the whole simulation: 0 in the child, which goes on as if nothing had happened, and the child's
        process id in the parent. It may happen at any moment of a run, for all tasks share the thread that forks. The
        child ends by `os._exit`: what the parent opened is the parent's to close. `watched`: the child's handlers may
        not compute for ever either; without, it may itself wait in the middle of one. Raises ForeignThread.
        """
        self._scheduler.check_caller()
        chance = random.getstate()
        child = os.fork()
        if child == 0:
            random.setstate(chance)  # Python seeds the child's anew
            if with_watchdog:
                self._watchdog.restart_after_fork()
        return child

    # -- state machines ---------------------------------------------------------------------------

    def client(self, service: str, region: str) -> Any:
        """A boto3 client, kept between runs; for actors and worlds. Faults strike handlers only."""
        return cached_client(service, region)

    def create_state_machine(self, region: str, name: str, definition: dict[str, Any] | str) -> str:
        """Create it through the API; its ARN. `definition` is ASL in JSONPath, without variables."""
        text = definition if isinstance(definition, str) else json.dumps(definition)
        role = f"arn:aws:iam::{self.account}:role/leeward-state-machine"
        answer = self.client("stepfunctions", region).create_state_machine(name=name, definition=text, roleArn=role)
        return str(answer["stateMachineArn"])

    def start_execution(self, state_machine_arn: str, name: str | None = None, execution_input: Any = None) -> str:
        """Start an execution through the API; its ARN. It begins when the caller waits."""
        options = {} if name is None else {"name": name}
        region = state_machine_arn.split(":")[3]
        answer = self.client("stepfunctions", region).start_execution(
            stateMachineArn=state_machine_arn,
            input=json.dumps({} if execution_input is None else execution_input),
            **options,
        )
        return str(answer["executionArn"])

    def redrive_execution(self, execution_arn: str) -> None:
        """Let an execution that failed, was stopped or timed out go on from where it stood, through the API. Its ARN
        stays; it goes on when the caller waits. Raises ExecutionNotRedrivable (a ClientError)."""
        region = execution_arn.split(":")[3]
        self.client("stepfunctions", region).redrive_execution(executionArn=execution_arn)

    def wait_for_execution(self, execution_arn: str, timeout: float | None = None) -> ExecutionResult:
        """Let virtual time pass until the execution has ended, and return its result.

        Raises ExecutionStillRunning after `timeout` virtual seconds, Deadlock when nothing can happen any more, and the
        error of an actor that failed.
        """
        return self._executions.wait_for_execution(execution_arn, timeout)

    @property
    def turn_count(self) -> int:
        """How often it was decided who goes on: where neither this nor the time has changed, nobody else has acted."""
        return self._scheduler.turn_count

    def current_state_name(self) -> str:
        """The state in which the caller runs; empty where it runs in none."""
        return self._scheduler.running_task.find_state_name()

    def get_history(self, execution_arn: str) -> list[HistoryEvent]:
        """The events so far: JSON-able, in the field names of GetExecutionHistory, timestamps with microseconds."""
        return self._executions.get_history(execution_arn)

    def add_event_listener(self, listener: EventListener) -> None:
        """Call `listener(execution_arn, event)` for each history event as it happens. It may not wait."""
        self._executions.add_event_listener(listener)
