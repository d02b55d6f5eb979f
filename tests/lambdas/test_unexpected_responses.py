"""AWS's answers, made up within botocore's own output shapes: a named error or the truth, never a wrong success.

Every member may be missing, empty, or hold a word that the service model does not list, as an answer may after any
change of the service. The handlers that act on such answers must not take them for a reason to go on.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any

import botocore.session
import pytest
from botocore.client import BaseClient
from botocore.model import ListShape, MapShape, Shape, StructureShape

from leeward.common.errors import leaf_error_names as error_names
from leeward.control.locking.application_lock import current_holder
from leeward.rehearsal.task_functions import list_task_names
from tests.support.task_world import (
    CONTROLS,
    ENDPOINTS,
    ORIGIN,
    TARGET,
    TaskFailed,
    TaskWorld,
    recover_parameters,
    target_group_parameters,
)

MODELS = botocore.session.get_session()
KNOWN = {*error_names()}


def random_value(shape: Shape | None, random: Random, depth: int = 0) -> Any:
    """A value of the shape, some members missing."""
    if shape is None:
        return {}
    if isinstance(shape, StructureShape):
        kept = [n for n in shape.members if n in shape.required_members or random.random() < 0.7]
        return {n: random_value(shape.members[n], random, depth + 1) for n in kept if depth < 8}
    if isinstance(shape, ListShape):
        return [random_value(shape.member, random, depth + 1) for _ in range(random.choice((0, 0, 1, 2)))]
    if isinstance(shape, MapShape):
        return (
            {f"key-{random.randrange(9)}": random_value(shape.value, random, depth + 1)}
            if random.random() < 0.5
            else {}
        )
    if shape.type_name == "string":
        return random.choice(("", "NEW_WORD", "s-1", *getattr(shape, "enum", ())))
    return {
        "integer": random.choice((0, -1, 2**31)),
        "long": random.choice((0, 2**62)),
        "boolean": random.random() < 0.5,
        "timestamp": datetime(2026, 3, 1, tzinfo=UTC),
        "float": 0.5,
        "double": 0.5,
        "blob": b"",
    }.get(shape.type_name)


@contextmanager
def random_responses(service: str, operation: str, random: Random) -> Iterator[None]:
    """Each answer of the operation is made up, once it has been carried out."""
    model = MODELS.get_service_model(service).operation_model(operation)
    real = BaseClient._make_api_call  # type: ignore[attr-defined]

    def call(self: Any, name: str, arguments: Mapping[str, Any]) -> Any:
        answer = real(self, name, arguments)
        if self.meta.service_model.service_name == service and name == operation:
            made = {**random_value(model.output_shape, random), "ResponseMetadata": answer.get("ResponseMetadata", {})}
            made.pop("NextToken", None)  # moto does not refuse a token that it never gave, it fails of it
            return made
        return answer

    BaseClient._make_api_call = call  # type: ignore[attr-defined]
    try:
        yield
    finally:
        BaseClient._make_api_call = real  # type: ignore[attr-defined]


def outcome(work: Callable[[], Any]) -> tuple[str | None, Any]:
    """The name of the error, or the answer."""
    try:
        return None, work()
    except TaskFailed as failed:
        return failed.error, None


RECOVERY = ["DescribeSourceServers", "DescribeJobs", "DescribeRecoveryInstances", "StartRecovery"]


@pytest.mark.parametrize("operation", RECOVERY)
def test_random_drs_response_never_completes_recovery(world: TaskWorld, operation: str) -> None:
    """Twelve made-up answers each: an error by its name, or waiting; `done` only when DRS has launched the server."""
    for seed in range(12):
        world.start_new_run(f"run-{seed}")
        with random_responses("drs", operation, Random(seed)):
            error, answer = outcome(lambda: world.poll_once("drs_recover", **recover_parameters("database")))
        assert error is None or error in KNOWN, f"seed {seed}: {error}"
        assert answer is None or answer["status"] != "done" or world.recovered_servers(), f"seed {seed}: {answer}"


def test_random_routing_response_never_confirms_route(world: TaskWorld) -> None:
    parameters: dict[str, Any] = {
        "endpoints": ENDPOINTS,
        "turn_on": [CONTROLS[TARGET]],
        "turn_off": [CONTROLS[ORIGIN]],
        "safety_rules_to_override": [],
    }
    for operation in ("GetRoutingControlState", "ListRoutingControls"):
        for seed in range(12):
            with random_responses("route53-recovery-cluster", operation, Random(seed)):
                error, answer = outcome(lambda: world.step("arc_route", "arc.route", **parameters))
            assert error is None or error in KNOWN, f"{operation}, seed {seed}: {error}"
            is_done = answer is not None and answer["status"] == "done"
            assert not is_done or world.arc.control_state(CONTROLS[TARGET])[0] == "On"


def test_random_elb_response_never_makes_targets_healthy(world: TaskWorld) -> None:
    world.load_balancer()
    world.targets_healthy = False
    world.run_until_done("drs_recover", **recover_parameters("database"))
    parameters = target_group_parameters(role="database")
    for seed in range(20):
        with random_responses("elbv2", "DescribeTargetHealth", Random(seed)):
            error, answer = outcome(lambda: world.poll_once("alb_register", **parameters))
        assert error is None or error in KNOWN, f"seed {seed}: {error}"
        assert answer is None or answer["status"] != "done", f"seed {seed}: {answer}"


@pytest.mark.parametrize("operation", ["DescribeInstances", "DescribeInstanceStatus"])
def test_random_ec2_response_never_marks_instances_running(world: TaskWorld, operation: str) -> None:
    """What DRS has launched is recovered only when EC2 itself says that it runs."""
    waited = 0
    while not world.recovered_servers():
        world.poll_once("drs_recover", **recover_parameters("database"))
        world.advance(120)
        waited += 1
    for seed in range(10):
        with random_responses("ec2", operation, Random(seed)):
            error, answer = outcome(lambda: world.poll_once("drs_recover", **recover_parameters("database")))
        assert error is None or error in KNOWN, f"seed {seed}: {error}"
        assert answer is None or answer["status"] != "done", f"seed {seed}: {answer}"
    assert waited
    assert len(world.started_servers()) == 1


@pytest.mark.parametrize("operation", ["GetChange", "ListResourceRecordSets", "ChangeResourceRecordSets"])
def test_random_route53_response_never_confirms_weights(world: TaskWorld, operation: str) -> None:
    route53 = world.client("route53", "us-east-1")
    zone = str(route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]).split("/")[-1]
    entries = [{"set_identifier": "west", "value": "192.0.2.2", "weight": 100}]
    parameters = {"hosted_zone": zone, "record": "www.example.com", "type": "A", "ttl": 30, "entries": entries}
    for seed in range(10):
        world.start_new_run(f"run-{seed}")
        with random_responses("route53", operation, Random(seed)):
            error, answer = outcome(lambda: world.poll_once("route53_weights", **parameters))
        assert error is None or error in KNOWN, f"seed {seed}: {error}"
        if answer is not None and answer["status"] == "done":
            found = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
            assert [r["Weight"] for r in found if "Weight" in r] == [100], f"seed {seed}: {answer}"


@pytest.mark.parametrize("operation", ["Query", "GetItem", "PutItem"])
def test_random_dynamodb_response_never_grants_held_lock(world: TaskWorld, operation: str) -> None:
    """Only the other run holds the lock, whatever the table answers, and its journal stays a chain."""
    world.step("lock_acquire", "lock", "take_the_lock", application="website")
    for seed in range(10):
        world.start_new_run(f"other-{seed}")
        with random_responses("dynamodb", operation, Random(seed)):
            error, answer = outcome(lambda: world.step("lock_acquire", "lock", "take_the_lock", application="website"))
        assert error is None or error in KNOWN, f"seed {seed}: {error}"
        assert answer is None, f"seed {seed}: {answer}"
        held = current_holder(world.table, "website")
        assert held is not None
        assert held.run == "website.failover.run-1"


GARBAGE: tuple[Any, ...] = (
    {},
    {"run": None},
    {"run": {}, "step": {}, "parameters": {}},
    {"run": "x" * 70_000, "parameters": 1},
    {"parameters": {"execution": 7, "runbook": []}},
    {"poll": {"attempt": -1}, "run": {"id": ["not", "text"]}, "step": 3},
    {"\u0000": "\ud83d"},
)


@pytest.mark.parametrize("task", sorted(list_task_names()))
def test_every_handler_rejects_invalid_event_by_name(world: TaskWorld, task: str) -> None:
    assert importlib.import_module(f"leeward.lambdas.{task}")
    for event in GARBAGE:
        with pytest.raises(TaskFailed) as failed:
            world.call(task, event)
        assert failed.value.error == "InvalidInput", f"{event}: {failed.value}"
        assert "Traceback" not in failed.value.cause
    assert world.launch_jobs() == []
