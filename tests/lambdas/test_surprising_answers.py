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
from tests.lambdas.world import CONTROLS, ENDPOINTS, ORIGIN, TARGET, TARGET_GROUP, Failed, World, group, recover

MODELS = botocore.session.get_session()
KNOWN = {*error_names()}


def made_up(shape: Shape | None, random: Random, depth: int = 0) -> Any:
    """A value of the shape, some members missing."""
    if shape is None:
        return {}
    if isinstance(shape, StructureShape):
        kept = [n for n in shape.members if n in shape.required_members or random.random() < 0.7]
        return {n: made_up(shape.members[n], random, depth + 1) for n in kept if depth < 8}
    if isinstance(shape, ListShape):
        return [made_up(shape.member, random, depth + 1) for _ in range(random.choice((0, 0, 1, 2)))]
    if isinstance(shape, MapShape):
        return {f"key-{random.randrange(9)}": made_up(shape.value, random, depth + 1)} if random.random() < 0.5 else {}
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
def answered(service: str, operation: str, random: Random) -> Iterator[None]:
    """Each answer of the operation is made up, once it has been carried out."""
    model = MODELS.get_service_model(service).operation_model(operation)
    real = BaseClient._make_api_call  # type: ignore[attr-defined]

    def call(self: Any, name: str, arguments: Mapping[str, Any]) -> Any:
        answer = real(self, name, arguments)
        if self.meta.service_model.service_name == service and name == operation:
            made = {**made_up(model.output_shape, random), "ResponseMetadata": answer.get("ResponseMetadata", {})}
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
    except Failed as failed:
        return failed.error, None


RECOVERY = ["DescribeSourceServers", "DescribeJobs", "DescribeRecoveryInstances", "StartRecovery"]


@pytest.mark.parametrize("operation", RECOVERY)
def test_a_recovery_is_never_done_for_a_made_up_reason(world: World, operation: str) -> None:
    """Twelve made-up answers each: an error by its name, or waiting; `done` only when DRS has launched the server."""
    for seed in range(12):
        world.new_run(f"run-{seed}")
        with answered("drs", operation, Random(seed)):
            error, answer = outcome(lambda: world.look("drs_recover", **recover("database")))
        assert error is None or error in KNOWN, f"seed {seed}: {error}"
        assert answer is None or answer["status"] != "done" or world.recovered(), f"seed {seed}: {answer}"


def test_a_route_is_never_confirmed_for_a_made_up_reason(world: World) -> None:
    parameters: dict[str, Any] = {
        "endpoints": ENDPOINTS,
        "turn_on": [CONTROLS[TARGET]],
        "turn_off": [CONTROLS[ORIGIN]],
        "safety_rules_to_override": [],
    }
    for operation in ("GetRoutingControlState", "ListRoutingControls"):
        for seed in range(12):
            with answered("route53-recovery-cluster", operation, Random(seed)):
                error, _ = outcome(lambda: world.step("arc_route", "arc.route", **parameters))
            assert error is None or error in KNOWN, f"{operation}, seed {seed}: {error}"
            assert error is not None or world.arc.control_state(CONTROLS[TARGET])[0] == "On"


def test_targets_are_never_healthy_for_a_made_up_reason(world: World) -> None:
    world.load_balancer()
    world.serving = False
    world.drive("drs_recover", **recover("database"))
    parameters: dict[str, Any] = {
        "target_group_arn": TARGET_GROUP,
        "port": 80,
        "group": group("database"),
        "region": None,
    }
    for seed in range(20):
        with answered("elbv2", "DescribeTargetHealth", Random(seed)):
            error, answer = outcome(lambda: world.look("alb_register", **parameters))
        assert error is None or error in KNOWN, f"seed {seed}: {error}"
        assert answer is None or answer["status"] != "done", f"seed {seed}: {answer}"


@pytest.mark.parametrize("operation", ["DescribeInstances", "DescribeInstanceStatus"])
def test_machines_are_never_up_for_a_made_up_reason(world: World, operation: str) -> None:
    """What DRS has launched is recovered only when EC2 itself says that it runs."""
    waited = 0
    while not world.recovered():
        world.look("drs_recover", **recover("database"))
        world.later(120)
        waited += 1
    for seed in range(10):
        with answered("ec2", operation, Random(seed)):
            error, answer = outcome(lambda: world.look("drs_recover", **recover("database")))
        assert error is None or error in KNOWN, f"seed {seed}: {error}"
        assert answer is None or answer["status"] != "done", f"seed {seed}: {answer}"
    assert waited
    assert len(world.started()) == 1


@pytest.mark.parametrize("operation", ["GetChange", "ListResourceRecordSets", "ChangeResourceRecordSets"])
def test_weights_are_never_set_for_a_made_up_reason(world: World, operation: str) -> None:
    route53 = world.client("route53", "us-east-1")
    zone = str(route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]).split("/")[-1]
    entries = [{"set_identifier": "west", "value": "192.0.2.2", "weight": 100}]
    parameters = {"hosted_zone": zone, "record": "www.example.com", "type": "A", "ttl": 30, "entries": entries}
    for seed in range(10):
        world.new_run(f"run-{seed}")
        with answered("route53", operation, Random(seed)):
            error, answer = outcome(lambda: world.look("route53_weights", **parameters))
        assert error is None or error in KNOWN, f"seed {seed}: {error}"
        if answer is not None and answer["status"] == "done":
            found = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
            assert [r["Weight"] for r in found if "Weight" in r] == [100], f"seed {seed}: {answer}"


@pytest.mark.parametrize("operation", ["Query", "GetItem", "PutItem"])
def test_the_lock_is_never_taken_for_a_made_up_reason(world: World, operation: str) -> None:
    """Another run holds it: nobody else does, whatever the table answers; and its journal stays a chain."""
    world.step("lock_acquire", "lock", "take_the_lock", application="website")
    for seed in range(10):
        world.new_run(f"other-{seed}")
        with answered("dynamodb", operation, Random(seed)):
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
def test_garbage_is_refused_by_every_function_by_name(world: World, task: str) -> None:
    assert importlib.import_module(f"leeward.lambdas.{task}")
    for event in GARBAGE:
        with pytest.raises(Failed) as failed:
            world.call(task, event)
        assert failed.value.error == "InvalidInput", f"{event}: {failed.value}"
        assert "Traceback" not in failed.value.cause
    assert world.jobs() == []
