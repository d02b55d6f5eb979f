"""Selects the runbooks and components that are deployed when an application has several routing variants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.validate.runbooks.drill_rules import is_drill

C = TypeVar("C")


def select_deployed(runbooks: Sequence[BuiltRunbook]) -> list[BuiltRunbook]:
    """Return the runbooks that are deployed, without those of unused routing variants."""
    return [built for built in runbooks if is_deployed(built)]


def is_deployed(built: BuiltRunbook) -> bool:
    """Return whether the runbook belongs to the active routing variant or to every variant."""
    routing, variants = built.application.routing, built.runbook.routing
    return routing is None or variants is None or routing.use in variants


def active_components(application: Application, kind: type[C]) -> list[tuple[str, C]]:
    """Return the components of one kind that are in use, with their names."""
    routing = application.routing
    variant_by_component = routing.variant_by_component if routing else {}
    return [
        (name, component)
        for name, component in application.components_of_kind(kind)
        if routing is None or variant_by_component.get(name) in (None, routing.use)
    ]


def is_practice_runbook(runbook: Runbook) -> bool:
    """Return whether the runbook declares that it is a drill."""
    return is_drill(runbook)
