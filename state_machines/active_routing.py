"""What of an application's documents is deployed: where there is a choice of routing, one variant of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.validate.runbooks.drill_rules import is_drill

C = TypeVar("C")


def select_deployed(runbooks: Sequence[BuiltRunbook]) -> list[BuiltRunbook]:
    """Of one application's runbooks those that are deployed: the runbooks of the other variants are not."""
    return [ready for ready in runbooks if is_deployed(ready)]


def is_deployed(built: BuiltRunbook) -> bool:
    """Whether it is of the routing that is in use, or of every one."""
    routing, variants = built.application.routing, built.runbook.routing
    return routing is None or variants is None or routing.use in variants


def active_components(application: Application, kind: type[C]) -> list[tuple[str, C]]:
    """The components of one kind that are in use, by name."""
    routing = application.routing
    of = routing.variant_by_component if routing else {}
    return [
        (name, found)
        for name, found in application.components_of_kind(kind)
        if routing is None or of.get(name) in (None, routing.use)
    ]


def is_practice_runbook(runbook: Runbook) -> bool:
    """Whether the runbook is there to be practised: it drills servers, or is named so, as one without servers is."""
    return is_drill(runbook) or "drill" in runbook.runbook
