"""The engine: one run of the simulation, from a fresh clock and a fresh AWS to the end."""

from __future__ import annotations

import json
import logging
import os
import random
from datetime import datetime, timedelta
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

import boto3
from moto import mock_aws

from leeward.common import aws
from leeward.twin.engine import announcements, lambda_service, repairs
from leeward.twin.engine.baton import Baton, current_or_none, make_current
from leeward.twin.engine.clock import Clock
from leeward.twin.engine.executions import Ended, Executions, HistoryEvent, Listener
from leeward.twin.engine.functions import Functions
from leeward.twin.engine.invocation import Runtime
from leeward.twin.engine.takeover import Takeover, aware
from leeward.twin.engine.watchdog import Watchdog
from leeward.twin.errors import TwinError
from leeward.twin.wire import Wire, hook

ACCOUNT = "123456789012"
HORIZON = timedelta(days=30)
_INTERPRETER_LOG = logging.getLogger("moto.stepfunctions.parser")
_installed = False


def install() -> None:
    """Once per process: repairs, Lambda, the wire's hook. Clients made before would bypass the hook, so Leeward's own
    are made anew."""
    global _installed  # noqa: PLW0603
    if _installed:
        return
    repairs.install()
    lambda_service.install()
    hook.install()
    aws.client.cache_clear()
    _installed = True


@lru_cache(maxsize=256)
def warm_client(service: str, region: str) -> Any:
    """A boto3 client that outlives a run: making one takes longer than most runs."""
    return boto3.client(service, region_name=region)  # type: ignore[call-overload]


def _isolate(account: str) -> None:
    """No profile, no credentials, no endpoint of the person who runs this may have any say in a simulation."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "BOTO_", "MOTO_"))]:
        del os.environ[name]
    nothing = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "BOTO_CONFIG"), os.devnull)
    os.environ.update(nothing, AWS_EC2_METADATA_DISABLED="true", MOTO_ACCOUNT_ID=account)
    # moto's catalogue of public images takes it a quarter of a second in each Region, and nothing here needs one.
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    # Handlers are imported now: with a tracer that nothing listens to, Powertools would load X-Ray's client and model.
    os.environ["POWERTOOLS_TRACE_DISABLED"] = "true"


def _restore(environment: dict[str, str]) -> None:
    for name in set(os.environ) - set(environment):
        del os.environ[name]
    os.environ.update(environment)


class _Surface:
    """What the wire sees of the engine."""

    def __init__(self, baton: Baton) -> None:
        self.now, self.sleep, self.check = baton.now, baton.sleep, baton.check
        self._baton = baton

    def caller(self) -> str | None:
        return self._baton.holder.caller


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
        horizon: timedelta = HORIZON,
        watchdog_seconds: float = 30,
    ) -> None:
        """`start` is time zone aware. `horizon` is how much virtual time may pass before a run that only ticks is
        ended with HorizonReached. `watchdog_seconds` is how long, really, a handler may compute without waiting."""
        install()
        self.seed, self.account = seed, account
        self._baton = Baton(aware(start), horizon, seed)
        self._takeover = Takeover(self._baton, seed)
        self._watchdog = Watchdog(self._baton, watchdog_seconds)
        self._mock = mock_aws(
            config={"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}
        )
        self._executions = Executions(self._baton)
        self._environment: dict[str, str] = {}
        self.clock = Clock(self._baton)
        self.functions = Functions(account, Runtime(self._baton, self._takeover))
        self.wire = Wire(_Surface(self._baton))
        self.wire.identify(account)

    # -- opening and closing ----------------------------------------------------------------------

    def __enter__(self) -> Self:
        if current_or_none() is not None:
            raise TwinError("an Engine is already open in this process; close it first")
        self._environment = dict(os.environ)
        _isolate(self.account)
        _INTERPRETER_LOG.setLevel(logging.CRITICAL + 1)
        self._mock.start()
        make_current(self._baton)
        self._takeover.begin()
        repairs.ids.seed_moto(self.seed)
        self.wire.begin()
        hook.attach(self.wire)
        announcements.listen(self._executions)
        lambda_service.provide(self)
        self._watchdog.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watchdog.stop()
        unseen = self._baton.main.exc if error is None else None
        try:
            self._baton.unwind()
        finally:
            lambda_service.provide(None)
            announcements.listen(None)
            hook.attach(None)
            self.wire.end()
            self._takeover.end()
            make_current(None)
            self._mock.stop()
            _INTERPRETER_LOG.setLevel(logging.NOTSET)
            _restore(self._environment)
        if unseen is not None:
            raise unseen

    def fork(self, *, watched: bool = True) -> int:
        """`os.fork` of the whole simulation: 0 in the child, which goes on as if nothing had happened, and the child's
        process id in the parent. It may happen at any moment of a run, for all tasks share the thread that forks. The
        child ends by `os._exit`: what the parent opened is the parent's to close. `watched`: the child's handlers may
        not compute for ever either; without, it may itself wait in the middle of one. Raises ForeignThread.
        """
        self._baton.check()
        chance = random.getstate()
        child = os.fork()
        if child == 0:
            random.setstate(chance)  # Python seeds the child's anew
            if watched:
                self._watchdog.start_again()
        return child

    # -- state machines ---------------------------------------------------------------------------

    def client(self, service: str, region: str) -> Any:
        """A boto3 client, kept between runs; for actors and worlds. Faults strike handlers only."""
        return warm_client(service, region)

    def create_state_machine(self, region: str, name: str, definition: dict[str, Any] | str) -> str:
        """Create it through the API; its ARN. `definition` is ASL in JSONPath, without variables."""
        text = definition if isinstance(definition, str) else json.dumps(definition)
        role = f"arn:aws:iam::{self.account}:role/leeward-state-machine"
        answer = self.client("stepfunctions", region).create_state_machine(name=name, definition=text, roleArn=role)
        return str(answer["stateMachineArn"])

    def start(self, state_machine_arn: str, name: str | None = None, input: Any = None) -> str:
        """Start an execution through the API; its ARN. It begins when the caller waits."""
        options = {} if name is None else {"name": name}
        region = state_machine_arn.split(":")[3]
        answer = self.client("stepfunctions", region).start_execution(
            stateMachineArn=state_machine_arn, input=json.dumps({} if input is None else input), **options
        )
        return str(answer["executionArn"])

    def redrive(self, execution_arn: str) -> None:
        """Let an execution that failed, was stopped or timed out go on from where it stood, through the API. Its ARN
        stays; it goes on when the caller waits. Raises ExecutionNotRedrivable (a ClientError)."""
        region = execution_arn.split(":")[3]
        self.client("stepfunctions", region).redrive_execution(executionArn=execution_arn)

    def wait(self, execution_arn: str, timeout: float | None = None) -> Ended:
        """Let virtual time pass until the execution has ended. Raises StillRunning after `timeout` virtual seconds,
        Deadlock when nothing can happen any more, and what went wrong in an actor."""
        return self._executions.wait(execution_arn, timeout)

    @property
    def turns(self) -> int:
        """How often it was decided who goes on: where neither this nor the time has changed, nobody else has acted."""
        return self._baton.pulse

    def state_name(self) -> str:
        """The state in which the caller runs; empty where it runs in none."""
        return self._baton.holder.state_name()

    def history(self, execution_arn: str) -> list[HistoryEvent]:
        """The events so far: JSON-able, in the field names of GetExecutionHistory, timestamps with microseconds."""
        return self._executions.history(execution_arn)

    def on_event(self, listener: Listener) -> None:
        """Call `listener(execution_arn, event)` for each history event as it happens. It may not wait."""
        self._executions.on_event(listener)
