"""Whoever opens a simulation gets every patch, and finds the process afterward as it was."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from leeward.rehearsal.server.hosting.served_world import load_served_world
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.twin.engine import PATCHES, Engine
from leeward.twin.realism.realism_settings import RealismPart
from tests.support.paths import REPOSITORY
from tests.support.website_session import EAST, run_to_end, website_session
from tests.twin.engine.machines import machine, task
from tests.twin.engine.process_snapshot import find_leftovers, import_simulated_services, take_snapshot

OpenMode = Callable[[], AbstractContextManager[Engine]]


@contextmanager
def _rehearsal() -> Iterator[Engine]:
    with website_session() as stage:
        yield stage.engine


@contextmanager
def _sweep() -> Iterator[Engine]:
    with open_sweep_session(SweepTarget(REPOSITORY, "website", "failover", 7)) as (stage, _):
        yield stage.engine


@contextmanager
def _served_twin() -> Iterator[Engine]:
    with load_served_world(REPOSITORY, "website") as world:
        yield world.engine


@pytest.mark.parametrize("opened", [_rehearsal, _sweep, _served_twin])
def test_every_patch_and_realism_part_is_active_in_each_mode(opened: OpenMode) -> None:
    """tests/rehearsals/triggers has the same test for a triggered run, which needs the synthesized templates."""
    with opened() as engine:
        assert PATCHES.active_patches() == set(PATCHES.names)
        assert engine.realism.parts == set(RealismPart)
    assert PATCHES.active_patches() == set()


def test_every_patch_and_realism_part_is_active_in_a_forked_trial() -> None:
    with _sweep() as engine:
        child = engine.fork(with_watchdog=False)
        if child == 0:
            is_complete = PATCHES.active_patches() == set(PATCHES.names) and engine.realism.parts == set(RealismPart)
            os._exit(0 if is_complete else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert PATCHES.active_patches() == set(PATCHES.names)


def test_servers_that_ran_before_the_world_began_have_passed_their_status_checks() -> None:
    with website_session() as stage:
        ec2 = stage.engine.client("ec2", EAST)
        shown = ec2.describe_instance_status()["InstanceStatuses"]
        assert len(shown) == 3
        checks = ("InstanceStatus", "SystemStatus", "AttachedEbsStatus")
        assert {status[check]["Status"] for status in shown for check in checks} == {"ok"}
        started = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        (fresh,) = ec2.describe_instance_status(InstanceIds=[started])["InstanceStatuses"]
        assert {fresh[check]["Status"] for check in checks} == {"initializing"}


def _fails(event: Any, context: Any) -> None:
    raise ValueError("the handler fails")


def _play_failing_handler() -> None:
    with website_session() as stage:
        stage.engine.functions.register(EAST, "fails", _fails)
        machine_arn = stage.engine.create_state_machine(EAST, "failing", machine("A", A=task("fails")))
        assert stage.engine.wait_for_execution(stage.engine.start_execution(machine_arn)).status == "FAILED"
        raise ValueError("the session fails")


def test_session_that_fails_leaves_the_process_unchanged() -> None:
    import_simulated_services()
    before = take_snapshot()
    with pytest.raises(ValueError, match="the session fails"):
        _play_failing_handler()
    assert before.differences(take_snapshot()) == []
    assert find_leftovers() == []


@pytest.mark.verify("a whole rehearsal; another test opens a session that fails")
def test_rehearsal_leaves_the_process_unchanged() -> None:
    import_simulated_services()
    before = take_snapshot()
    with website_session() as stage:
        result, _, _ = run_to_end(stage)
        assert result.steps
    assert before.differences(take_snapshot()) == []
    assert find_leftovers() == []
