"""What a rule about a step may look at, and the look-ups that many rules share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import get_args

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.run_direction import RunDirection, RunRegions, Side
from leeward.state_machines.components import ServerGroupComponent
from leeward.state_machines.components.component_model import ComponentModel
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem, did_you_mean, format_alternatives
from leeward.state_machines.fields.field_types import DocumentModel


@dataclass(frozen=True, slots=True)
class StepScope:
    """One step of one runbook, and the application it acts on."""

    application: Application
    direction: RunDirection
    location: DocumentLocation

    @property
    def run_regions(self) -> RunRegions:
        """Origin and target."""
        return RunRegions.from_direction(self.application.regions, self.direction)

    def check_component(self, name: str, model: type[ComponentModel], *loc: str | int) -> Iterator[DocumentProblem]:
        """`name`, written at `loc` in the step, must be a component of `model`'s kind."""
        return check_component_kind(self.application, name, model, self.location.child(*loc))

    def check_components(
        self, names: Iterable[str], model: type[ComponentModel], field: str
    ) -> Iterator[DocumentProblem]:
        """Each of `names`, the list at `field`, must be such a component, and be named once."""
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
        """Each of `names`, the list at `groups`, must be a group of servers that can be found on all of `sides`."""
        listed = list(names)
        yield from self.check_components(listed, ServerGroupComponent, "groups")
        for index, name in enumerate(listed):
            for side in sides:
                yield from self.check_findable(name, side, self.location.child("groups", index))

    def check_findable(self, name: str, side: Side, location: DocumentLocation) -> Iterator[DocumentProblem]:
        """The group `name`, written at `place`, is not chosen by ids where its source servers are new each time."""
        regions, component = self.application.regions, self.application.components.get(name)
        if (
            self.run_regions.region(side) == regions.primary
            and isinstance(component, ServerGroupComponent)
            and component.servers.ids
        ):
            yield location.problem(
                f'"{name}" is chosen by ids, which its source servers in {regions.primary} do not have:'
                " drs.reverse creates them anew",
                expected="a group that is chosen by tags",
                hint="choose the group by tags in application.yaml",
            )


def kind_name(model: type[DocumentModel]) -> str:
    """`drs.servers` of the model `Servers`."""
    return str(get_args(model.model_fields["kind"].annotation)[0])


def check_component_kind(
    application: Application, name: str, model: type[ComponentModel], location: DocumentLocation
) -> Iterator[DocumentProblem]:
    """`name`, written at `place`, must be a component of `model`'s kind."""
    found = application.components.get(name)
    if isinstance(found, model):
        return
    fitting = [other for other, _ in application.components_of_kind(model)]
    expected = f"a component of kind {kind_name(model)}" + (
        f": {format_alternatives(fitting)}" if fitting else ", but there is none"
    )
    if found is None:
        yield location.problem(
            f'unknown component "{name}"', expected=expected, hint=did_you_mean(name, application.components)
        )
    else:
        yield location.problem(
            f'component "{name}" is of kind {found.kind}', expected=expected, hint=did_you_mean(name, fitting)
        )
