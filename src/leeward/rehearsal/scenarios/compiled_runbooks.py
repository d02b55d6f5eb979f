"""The runbooks as they are committed: what is rehearsed is the generated file, or nothing is."""

from __future__ import annotations

from pathlib import Path

from leeward.state_machines.application.run_direction import RunDirection
from leeward.state_machines.build import BuiltRunbook, build_runbook, build_runbooks
from leeward.state_machines.steps import kind_of
from leeward.state_machines.steps.api_in_service import ApiInServiceStep
from leeward.twin.engine import cache_definitions_in


class CannotRehearse(Exception):
    """The rehearsal could not begin or go on; the text says the place, the problem and the mend."""


def load_committed_runbook(root: Path, application: str, runbook: str) -> BuiltRunbook:
    """The runbook, when its generated file is what its documents compile to. Raises CannotRehearse, LookupError and
    state_machines.tree.InvalidDocuments. What the engine parses of it is kept in `build/parsed` of the project."""
    cache_definitions_in(root / "build" / "parsed")
    return _check_generated_file(root, build_runbook(root / "runbooks", application, runbook))


def prerequisite_runbooks(root: Path, ready: BuiltRunbook) -> list[BuiltRunbook]:
    """What has to be played before `ready` can be: for a failback that moves users, the application's failover.
    Raises CannotRehearse when there is none."""
    if ready.runbook.direction is not RunDirection.FAILBACK or not moves_users(ready):
        return []
    application = ready.application.application
    for other in build_runbooks(root / "runbooks"):
        same = other.application.application == application
        leads_there = (
            other.runbook.direction is RunDirection.FAILOVER
            and moves_users(other)
            and not restores_origin_service(other)
        )
        if same and leads_there and _share_routing_variant(ready, other):
            return [_check_generated_file(root, other)]
    raise CannotRehearse(
        f"{application} {ready.runbook.runbook} leads back, and {application} has no runbook that leads there: "
        "add a runbook with direction: failover and a step that moves the users"
    )


def _share_routing_variant(ready: BuiltRunbook, other: BuiltRunbook) -> bool:
    """Two runbooks can be played in one world only where they share a variant of the application's routing."""
    mine, theirs = ready.runbook.routing, other.runbook.routing
    return mine is None or theirs is None or bool(set(mine) & set(theirs))


def uses_active_routing(ready: BuiltRunbook) -> bool:
    """Is the runbook of the variant of the routing that the application uses?"""
    routing, own = ready.application.routing, ready.runbook.routing
    return routing is None or own is None or routing.use in own


def moves_users(ready: BuiltRunbook) -> bool:
    """Does any step of the runbook send users to another Region?"""
    return any(kind_of(step).moves_traffic for step in ready.runbook.steps)


def restores_origin_service(ready: BuiltRunbook) -> bool:
    """Does the runbook put the Region that it left in service again, as a drill does?"""
    return any(isinstance(step, ApiInServiceStep) and step.in_ == "origin" for step in ready.runbook.steps)


def _check_generated_file(root: Path, ready: BuiltRunbook) -> BuiltRunbook:
    path = root / "state_machines" / "generated" / ready.generated_path
    mend = "run `leeward compile`, review the difference and commit it"
    if not path.exists():
        raise CannotRehearse(f"{path.relative_to(root)} does not exist: {mend}")
    if path.read_text(encoding="utf-8") != ready.compiled.text:
        raise CannotRehearse(f"{path.relative_to(root)} is not what the documents compile to: {mend}")
    return ready
