"""The scope of a rule about one step, and lookups that many rules share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import get_args

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.run_direction import RunDirection, RunRegions, Side
from leeward.state_machines.component_kinds.component_model import ComponentModel
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem, did_you_mean, format_alternatives
from leeward.state_machines.fields.field_types import DocumentModel


@dataclass(frozen=True, slots=True)
class StepScope:
    """One step of a runbook, its location, and the application it acts on."""

    application: Application
    direction: RunDirection
    location: DocumentLocation

    @property
    def run_regions(self) -> RunRegions:
        """Return the origin and target Regions."""
        return RunRegions.from_direction(self.application.regions, self.direction)

    def check_component(self, name: str, model: type[ComponentModel], *loc: str | int) -> Iterator[DocumentProblem]:
        """Check that `name`, at `loc` in the step, is a component of `model`'s kind."""
        return check_component_kind(self.application, name, model, self.location.child(*loc))

    def check_components(
        self, names: Iterable[str], model: type[ComponentModel], field: str
    ) -> Iterator[DocumentProblem]:
        """Check that each of `names`, the list in `field`, is such a component and is listed once."""
        listed = list(names)
        if not listed:
            yield self.location.child(field).problem(
                f"{field} is empty", expected=f"at least one {kind_name(model)} component"
            )
        for index, name in enumerate(listed):
            yield from self.check_component(name, model, field, index)
            if name in listed[:index]:
                yield self.location.child(field, index).problem(f'"{name}" is listed twice')

    def check_groups(self, names: Iterable[str], *sides: Side) -> Iterator[DocumentProblem]:
        """Check that each of `names`, the list in `groups`, is a server group that can be found on all of `sides`."""
        listed = list(names)
        yield from self.check_components(listed, ServerGroupComponent, "groups")
        for index, name in enumerate(listed):
            for side in sides:
                yield from self.check_findable(name, side, self.location.child("groups", index))

    def check_findable(self, name: str, side: Side, location: DocumentLocation) -> Iterator[DocumentProblem]:
        """Check that the group `name` isn't selected by IDs in a Region where its source servers get new IDs."""
        regions, component = self.application.regions, self.application.components.get(name)
        if (
            self.run_regions.region(side) == regions.primary
            and isinstance(component, ServerGroupComponent)
            and component.servers.ids
        ):
            yield location.problem(
                f'"{name}" is selected by ids, but reverse replication creates source servers with new ids'
                f" in {regions.primary}",
                expected="a group that is selected by tags",
                hint="select the group by tags in application.yaml",
            )


def kind_name(model: type[DocumentModel]) -> str:
    """Return the kind of a model, such as `drs.servers` for ServerGroupComponent."""
    return str(get_args(model.model_fields["kind"].annotation)[0])


def check_component_kind(
    application: Application, name: str, model: type[ComponentModel], location: DocumentLocation
) -> Iterator[DocumentProblem]:
    """Check that `name`, at `location`, is a component of `model`'s kind."""
    component = application.components.get(name)
    if isinstance(component, model):
        return
    candidates = [other for other, _ in application.components_of_kind(model)]
    expected = f"a component of kind {kind_name(model)}" + (
        f": {format_alternatives(candidates)}" if candidates else ", but there is none"
    )
    if component is None:
        yield location.problem(
            f'unknown component "{name}"', expected=expected, hint=did_you_mean(name, application.components)
        )
    else:
        yield location.problem(
            f'component "{name}" is of kind {component.kind}', expected=expected, hint=did_you_mean(name, candidates)
        )
