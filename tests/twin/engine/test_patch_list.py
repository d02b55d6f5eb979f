"""Every patch is on one list, and active whenever an engine is open."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from leeward.twin.engine import PATCHES
from leeward.twin.engine.moto_patches import INTERPRETER_PATCHES
from leeward.twin.errors import MotoPatchFailed, TwinError
from leeward.twin.patching.attribute_replacement import add_attribute, replace_attribute, restored_attributes
from leeward.twin.patching.patch_set import Patch, PatchSet, patch_name
from tests.support.paths import REPOSITORY
from tests.twin.engine.machines import open_engine

# Beside those of the interpreter, of which test_moto_patches.py has the list.
OTHER_PATCHES = {
    "service_models.share_parsed_models",
    "service_models.list_services_once",
    "runtime_patching.sleep_on_virtual_time",
    "runtime_patching.draw_random_bytes_from_seed",
    "runtime_patching.refuse_threads_of_handlers",
    "urllib3_interceptor.answer_plain_requests",
    "lambda_backend.run_functions_in_process",
    "lambda_backend.enforce_reserved_concurrency",
    "caller_errors.report_task_state_errors",
    "write_capture.report_writes",
    "write_capture.copy_touched_items",
    "query_index.query_by_index",
    "replica_description.describe_replicas",
    "ec2_status_checks.delay_status_checks",
    "ec2_status_checks.renew_launch_time",
    "ec2_power_events.report_power_changes",
    "elbv2_target_health.report_checked_health",
    "route53_changes.propagate_record_changes",
    "route53_health_checks.store_routing_control",
    "service_quotas.add_vcpu_quota",
    "policy_simulation.add_policy_simulation",
    "task_clients.use_separate_clients",
    "service_plugin.route_calls_to_added_services",
}
# Names from these packages belong to the process, not to a run.
_FOREIGN = {"moto", "boto3", "botocore", "urllib3", "os", "time", "random", "threading", "uuid", "sys"}
_ONLY_PLACE = "twin/patching/attribute_replacement.py"


def test_list_has_every_patch() -> None:
    assert set(PATCHES.names) == {*map(patch_name, INTERPRETER_PATCHES), *OTHER_PATCHES}
    assert len(PATCHES.names) == len(set(PATCHES.names))


def test_every_patch_is_active_while_an_engine_is_open() -> None:
    for _ in range(2):  # the second engine repeats what the first has recorded
        assert PATCHES.active_patches() == set()
        with open_engine():
            assert PATCHES.active_patches() == set(PATCHES.names)


@pytest.mark.parametrize("patch", PATCHES.patches, ids=patch_name)
def test_every_patch_says_what_unpatched_moto_does(patch: Patch) -> None:
    assert "moto" in (patch.__doc__ or "")


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for package in ("twin", "rehearsal"):
        for path in sorted((REPOSITORY / "src" / "leeward" / package).rglob("*.py")):
            yield path, ast.parse(path.read_text())


def _foreign_names(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {a.asname or a.name.partition(".")[0] for a in node.names if a.name.partition(".")[0] in _FOREIGN}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in _FOREIGN:
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _targets(node: ast.AST) -> Iterator[ast.expr]:
    """What a statement assigns to, and the object of a call of setattr."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from target.elts if isinstance(target, ast.Tuple) else [target]
    elif isinstance(node, ast.AugAssign):
        yield node.target
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
        yield ast.Attribute(node.args[0], "set", ast.Store())


def _replacements(tree: ast.Module) -> Iterator[str]:
    foreign = {*_foreign_names(tree), "owner"} - {"environ"}
    for node in ast.walk(tree):
        for target in _targets(node):
            if isinstance(target, ast.Attribute) and _root(target) in foreign:
                yield ast.unparse(node)


def test_nothing_else_replaces_an_attribute_of_another_package() -> None:
    root = REPOSITORY / "src" / "leeward"
    found = [(str(path.relative_to(root)), text) for path, tree in _sources() for text in _replacements(tree)]
    assert found == [(_ONLY_PLACE, "setattr(owner, name, value)")]


class Owner:
    kept = 1


def test_attributes_are_restored_in_reverse_order() -> None:
    def replace_and_fail() -> None:
        with restored_attributes():
            assert replace_attribute(Owner, "kept", 2) == 1
            assert replace_attribute(Owner, "kept", 3) == 2
            add_attribute(Owner, "added", 4)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        replace_and_fail()
    assert (Owner.kept, hasattr(Owner, "added")) == (1, False)


def test_inherited_attribute_is_removed_again() -> None:
    class Derived(Owner):
        pass

    with restored_attributes():
        replace_attribute(Derived, "kept", 2)
        assert (Owner.kept, Derived.kept) == (1, 2)
    assert "kept" not in vars(Derived)


def test_replacement_needs_an_open_simulation() -> None:
    with pytest.raises(TwinError, match=r"Owner\.kept"):
        replace_attribute(Owner, "kept", 2)
    with restored_attributes(), pytest.raises(TwinError, match="already applied"), restored_attributes():
        raise AssertionError


def test_replacement_checks_that_moto_is_as_expected() -> None:
    with restored_attributes():
        with pytest.raises(MotoPatchFailed, match="has no lost"):
            replace_attribute(Owner, "lost", 2)
        with pytest.raises(MotoPatchFailed, match="has kept already"):
            add_attribute(Owner, "kept", 2)


def test_patch_is_inactive_when_something_replaced_its_attribute() -> None:
    def replace_kept() -> None:
        replace_attribute(Owner, "kept", 2)

    patches = PatchSet((replace_kept,))
    with patches.applied():
        assert len(patches.active_patches()) == 1
        Owner.kept = 5
        assert patches.active_patches() == set()
    assert Owner.kept == 1


def test_recorded_patch_is_not_called_again() -> None:
    calls: list[str] = []

    def once() -> None:
        calls.append("once")
        replace_attribute(Owner, "kept", 2)

    def each_time() -> None:
        calls.append("each time")

    patches = PatchSet((once,), repeated=(each_time,))
    for _ in range(2):
        with patches.applied():
            assert Owner.kept == 2
        assert Owner.kept == 1
    assert calls == ["once", "each time", "each time"]
