"""What an open engine takes over of the process, and that it gives it back."""

from __future__ import annotations

import os
import random
import secrets
import signal
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
import urllib3

from leeward.common.aws import clients
from leeward.twin.engine import PATCHES, Engine
from tests.twin.engine.machines import START, elapsed, machine, open_engine, start_execution, task
from tests.twin.engine.process_snapshot import find_leftovers, import_simulated_services, take_snapshot


def test_all_clocks_show_virtual_time() -> None:
    with open_engine() as opened:
        first = time.monotonic()
        time.sleep(90)
        assert datetime.now(UTC) == opened.clock.now()
        assert time.time() == opened.clock.now().timestamp()
        assert time.monotonic() - first == 90
        assert elapsed(opened) == 90


def test_randomness_depends_only_on_seed() -> None:
    def draw(seed: int) -> tuple[object, ...]:
        with open_engine(seed=seed):
            return uuid.uuid4(), random.random(), os.urandom(4), secrets.token_hex(4)

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)


def test_import_of_handlers_changes_no_later_id() -> None:
    """Only the first run of a process imports them. A module may draw, as the X-Ray SDK does."""

    def draw_after_import(of: int) -> tuple[object, ...]:
        with open_engine() as opened:
            with opened.importing_handlers():
                drawn = [(os.urandom(12), random.random()) for _ in range(of)]
            assert len(set(drawn)) == of
            return uuid.uuid4(), random.random()

    assert draw_after_import(2) == draw_after_import(0)


def test_process_is_restored_after_close() -> None:
    names = (time.sleep, time.monotonic, os.urandom, threading.Thread.start, urllib3.PoolManager.urlopen)
    environment, state = dict(os.environ), random.getstate()
    with open_engine() as opened:
        opened.clock.sleep(1)
    assert names == (time.sleep, time.monotonic, os.urandom, threading.Thread.start, urllib3.PoolManager.urlopen)
    assert dict(os.environ) == environment
    assert random.getstate() == state
    assert abs(datetime.now(UTC).timestamp() - time.time()) < 5
    assert datetime.now(UTC) != START
    assert uuid.uuid4() != uuid.uuid4()


def test_process_is_restored_after_error() -> None:
    before = time.sleep
    with pytest.raises(ZeroDivisionError), open_engine():
        raise ZeroDivisionError
    assert time.sleep is before


def test_every_attribute_of_moto_is_restored() -> None:
    import_simulated_services()
    before = take_snapshot()
    with open_engine({"fails": lambda event, context: 1 / 0}) as opened:
        assert before.differences(take_snapshot())  # the comparison notices what is replaced
        assert find_leftovers()
        opened.client("ec2", "us-west-2").run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)
        opened.client("drs", "us-west-2").initialize_service()
        assert opened.wait_for_execution(start_execution(opened, machine("A", A=task("fails")))).status == "FAILED"
    assert before.differences(take_snapshot()) == []
    assert find_leftovers() == []


@pytest.mark.parametrize("part", ["stepfunctions", "scheduler", "watchdog"])
def test_failed_open_restores_process(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    engine = Engine(start=START)
    import_simulated_services()
    before, environment, state = take_snapshot(), dict(os.environ), random.getstate()
    with monkeypatch.context() as patched:
        if part == "stepfunctions":
            patched.setattr(PATCHES, "_patches", (*PATCHES.patches[:40], fail))
        elif part == "scheduler":
            patched.setattr("leeward.twin.engine.engine.set_current_scheduler", fail)
        else:
            patched.setattr(engine._watchdog, "start", fail)
        with pytest.raises(ZeroDivisionError):
            engine.__enter__()
    assert before.differences(take_snapshot()) == []
    assert (dict(os.environ), random.getstate()) == (environment, state)
    with open_engine({"f": lambda event, context: {}}) as opened:
        assert opened.wait_for_execution(start_execution(opened, machine("A", A=task("f")))).status == "SUCCEEDED"


def test_function_that_was_imported_in_an_engine_is_real_afterward() -> None:
    with open_engine() as opened:
        sleep, monotonic, urandom = time.sleep, time.monotonic, os.urandom  # as `from time import sleep` binds it
        sleep(3600)
        assert elapsed(opened) == 3600
    began = time.perf_counter()
    sleep(0.01)
    assert 0.01 <= time.perf_counter() - began < 60
    assert abs(monotonic() - time.monotonic()) < 60
    assert urandom(8) != urandom(8)


def test_aws_settings_of_clients_stay_apart() -> None:
    outside = clients.client("sns", "us-west-2")
    with open_engine():
        inside = clients.client("sns", "us-west-2")
        assert inside is not outside
    assert clients.client("sns", "us-west-2") is outside
    with open_engine():
        assert clients.client("sns", "us-west-2") is inside  # creating one takes longer than most runs


def test_each_engine_starts_with_an_empty_account() -> None:
    for _ in range(2):
        with open_engine() as opened:
            dynamodb = opened.client("dynamodb", "us-west-2")
            assert dynamodb.list_tables()["TableNames"] == []
            dynamodb.create_table(
                TableName="t",
                KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )


def test_the_account_can_be_chosen() -> None:
    with open_engine(account="111122223333") as opened:
        assert opened.client("sts", "us-west-2").get_caller_identity()["Account"] == "111122223333"
        arn = opened.create_state_machine("us-west-2", "m", '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}')
        assert arn == "arn:aws:states:us-west-2:111122223333:stateMachine:m"
        assert opened.wait_for_execution(opened.start_execution(arn)).status == "SUCCEEDED"


def test_the_start_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Engine(start=START.replace(tzinfo=None))


def test_aws_settings_of_user_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://production.example.com")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    with open_engine():
        assert boto3.client("sts", region_name="us-west-2").get_caller_identity()["Account"] == "123456789012"
        assert "production" not in str(dict(os.environ))
    assert os.environ["AWS_PROFILE"] == "production"


def test_interrupt_ends_run_and_cleans_up() -> None:
    """Ctrl-C while one handler computes and another waits."""
    unwound: list[str] = []

    def busy(event: Any, context: Any) -> None:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.1)  # from here, so that a slow start does not matter
            until = time.perf_counter() + 10
            while time.perf_counter() < until:
                pass
        finally:
            unwound.append("busy")

    def waits() -> None:
        try:
            opened.clock.sleep(1000)
        finally:
            unwound.append("waits")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with open_engine({"busy": busy}) as opened:
            opened.clock.call_later(0, waits)
            opened.clock.sleep(1)
            execution = start_execution(opened, machine("A", A=task("busy")))
            with pytest.raises(KeyboardInterrupt):
                opened.wait_for_execution(execution)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert unwound == ["busy", "waits"]
    with open_engine({"f": lambda event, context: {}}) as opened:
        assert opened.wait_for_execution(start_execution(opened, machine("A", A=task("f")))).status == "SUCCEEDED"
