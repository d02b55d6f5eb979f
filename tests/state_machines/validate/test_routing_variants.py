"""The choice of routing: variants have their kind of component, runbooks act on no other variant's."""

from __future__ import annotations

from pathlib import Path

import pytest

from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.validate.document_validation import validate_tree
from tests.support.paths import RUNBOOKS_FOLDER

RUNBOOK = """runbook: move
application: ticketing
direction: failover
routing: [{of}]
timeout: 1h
steps:
  - {{name: Take the lock, kind: lock}}
  - {{name: Check the target, kind: http.check, from: target}}
  - {{name: Move the users, kind: arc.route, component: routing-controls}}
"""


def problems_after(
    tmp_path: Path, variant: str = "routing-control", old: str = "", new: str = ""
) -> list[DocumentProblem]:
    folder = tmp_path / "ticketing"
    folder.mkdir()
    text = (RUNBOOKS_FOLDER / "ticketing" / "application.yaml").read_text("utf-8")
    assert old in text
    (folder / "application.yaml").write_text(text.replace(old, new, 1), "utf-8")
    (folder / "move.yaml").write_text(RUNBOOK.format(of=variant), "utf-8")
    return list(validate_tree(tmp_path).problems)


def test_runbook_of_variant_may_use_its_component(tmp_path: Path) -> None:
    assert problems_after(tmp_path) == []


@pytest.mark.parametrize("of", ["failover", "failover, routing-control"])
def test_runbook_may_not_use_component_of_other_variant(tmp_path: Path, of: str) -> None:
    (found,) = problems_after(tmp_path, of)
    assert "acts on the variant" in found.message
    assert found.line == 9


@pytest.mark.parametrize(
    ("old", "new", "output"),
    [
        ("component: latency-records", "component: failover-records", "is of kind route53.failover_records"),
        ("component: failover-records", "component: fail-over", "unknown component"),
        ("mode: active-active", "mode: active-passive", ""),
        ("health: api\n\n  latency", "health: tickets\n\n  latency", "is of kind dynamodb.global_table"),
        ("table: tickets", "table: api", "is of kind apigateway.rest_api"),
        ("certificate/0a1b2c3d", "certificates/0a1b2c3d", 'the ARN is of a "certificates"'),
    ],
)
def test_invalid_routing_choice_is_reported(tmp_path: Path, old: str, new: str, output: str) -> None:
    found = problems_after(tmp_path, old=old, new=new)
    assert [output] * bool(output) == [output for p in found if output and output in p.message][:1]
    assert bool(found) == bool(output)


def test_latency_routing_requires_two_writers(tmp_path: Path) -> None:
    folder = tmp_path / "ticketing"
    folder.mkdir()
    text = (RUNBOOKS_FOLDER / "ticketing" / "application.yaml").read_text("utf-8")
    text = text.replace("mode: active-active", "mode: active-passive").replace("use: failover", "use: latency")
    (folder / "application.yaml").write_text(text, "utf-8")
    (found,) = validate_tree(tmp_path).problems
    assert "may not write" in found.message


def test_both_controls_on_requires_health_checks(tmp_path: Path) -> None:
    (found,) = problems_after(tmp_path, old="    health: api\n    normally: both", new="    normally: both")
    assert "nothing selects a Region" in found.message


@pytest.mark.parametrize(("timeout", "enough"), [("18m", False), ("19m", True)])
def test_shift_timeout_covers_every_share(tmp_path: Path, timeout: str, enough: bool) -> None:
    """Three shares of 5 minutes, each from a whole minute on."""
    folder = tmp_path / "ticketing"
    folder.mkdir()
    (folder / "application.yaml").write_text(
        (RUNBOOKS_FOLDER / "ticketing" / "application.yaml").read_text("utf-8"), "utf-8"
    )
    text = (RUNBOOKS_FOLDER / "ticketing" / "failback-weighted.yaml").read_text("utf-8")
    (folder / "failback-weighted.yaml").write_text(text.replace("timeout: 40m", f"timeout: {timeout}"), "utf-8")
    output = [problem.message for problem in validate_tree(tmp_path).problems]
    assert any("not longer than all its bake times" in message for message in output) is not enough


def test_bake_time_below_three_minutes_is_rejected(tmp_path: Path) -> None:
    folder = tmp_path / "ticketing"
    folder.mkdir()
    for name in ("application", "failback-weighted"):
        text = (RUNBOOKS_FOLDER / "ticketing" / f"{name}.yaml").read_text("utf-8")
        (folder / f"{name}.yaml").write_text(text.replace("bake: 5m", "bake: 179s"), "utf-8")
    (problem,) = validate_tree(tmp_path).problems
    assert "bake" in problem.message
