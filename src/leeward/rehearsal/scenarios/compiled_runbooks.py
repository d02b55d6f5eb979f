"""Loads the runbooks to rehearse. Their committed generated files must match their documents."""

from __future__ import annotations

from pathlib import Path

from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.plugin_discovery import plugins
from leeward.kinds.registry import component_kinds, step_kinds
from leeward.rehearsal.invariants import list_invariants
from leeward.state_machines.application.run_direction import RunDirection
from leeward.state_machines.build import BuiltRunbook, build_runbook, build_runbooks
from leeward.state_machines.step_kinds.step_behavior import has_effect
from leeward.state_machines.step_kinds.step_effects import ServiceRestored
from leeward.twin.engine import cache_definitions_in


class CannotRehearse(Exception):
    """Raised when a rehearsal can't start or continue. The message names the place, the problem, and the fix."""


def load_committed_runbook(root: Path, application: str, runbook: str) -> BuiltRunbook:
    """Return the compiled runbook. The engine caches the parsed definition in `build/parsed` of the project.

    Raises CannotRehearse when the generated file doesn't match the documents, LookupError when there is no such
    runbook, and InvalidDocuments when a document has an error.
    """
    cache_definitions_in(root / "build" / "parsed")
    list_invariants()  # a broken plug-in is reported before the rehearsal, and not after it
    return _check_generated_file(root, build_runbook(root / "runbooks", application, runbook))


def prerequisite_runbooks(root: Path, ready: BuiltRunbook) -> list[BuiltRunbook]:
    """Return the runbooks that must run before `ready`: the failover, if `ready` is a failback that moves users.

    Raises CannotRehearse when the application has no such failover.
    """
    if ready.runbook.direction is not RunDirection.FAILBACK or not moves_users(ready):
        return []
    application = ready.application.application
    for other in build_runbooks(root / "runbooks"):
        is_same_application = other.application.application == application
        is_failover = (
            other.runbook.direction is RunDirection.FAILOVER
            and moves_users(other)
            and not restores_origin_service(other)
        )
        if is_same_application and is_failover and _share_routing_variant(ready, other):
            return [_check_generated_file(root, other)]
    raise CannotRehearse(
        f"{application} {ready.runbook.runbook} is a failback, but {application} has no failover runbook. "
        "Add a runbook with `direction: failover` and a step that moves users"
    )


def _share_routing_variant(ready: BuiltRunbook, other: BuiltRunbook) -> bool:
    """Return whether both runbooks support a common routing variant, so that they can run in the same world."""
    variants, other_variants = ready.runbook.routing, other.runbook.routing
    return variants is None or other_variants is None or bool(set(variants) & set(other_variants))


def uses_active_routing(ready: BuiltRunbook) -> bool:
    """Return whether the runbook supports the routing variant that the application uses."""
    routing, variants = ready.application.routing, ready.runbook.routing
    return routing is None or variants is None or routing.use in variants


def moves_users(ready: BuiltRunbook) -> bool:
    """Return whether any step of the runbook sends users to another Region."""
    return any(has_effect(step, Effect.MOVES_USERS) for step in ready.runbook.steps)


def restores_origin_service(ready: BuiltRunbook) -> bool:
    """Return whether the runbook puts the origin Region back in service, as a drill does."""
    restored = (step.find_effect(ServiceRestored) for step in ready.runbook.steps)
    return any(one is not None and one.side == "origin" for one in restored)


def _check_generated_file(root: Path, ready: BuiltRunbook) -> BuiltRunbook:
    """Return the runbook. Raises CannotRehearse unless its generated file matches the compiled documents."""
    path = root / "state_machines" / "generated" / ready.generated_path
    fix = "Run `leeward compile`, review the difference, and commit it"
    if not path.exists():
        raise CannotRehearse(f"{path.relative_to(root)} does not exist. {fix}")
    if path.read_text(encoding="utf-8") != ready.compiled.text:
        raise CannotRehearse(f"{path.relative_to(root)} does not match its documents. {fix}")
    return _check_simulated(ready)


def _check_simulated(ready: BuiltRunbook) -> BuiltRunbook:
    """Return the runbook. Raises CannotRehearse when it or its application needs a service that is not simulated."""
    simulated = {service.name for plugin in plugins() for service in plugin.simulated_services}
    needed = [(step.kind, step_kinds()[step.kind].simulation) for step in ready.runbook.steps]
    components = ready.application.components.values()
    needed += [(component.kind, component_kinds()[component.kind].simulation) for component in components]
    for kind, services in needed:
        for service in services:
            if service not in simulated:
                raise CannotRehearse(
                    f"the kind {kind} needs the service {service}, which no installed plug-in simulates. "
                    "Install the plug-in that does, or ask its author for a simulation"
                )
    return ready
