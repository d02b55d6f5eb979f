"""What a rule about a step may look at, and the look-ups that many rules share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import get_args

from leeward.state_machines.components import Servers
from leeward.state_machines.components.base import ComponentModel
from leeward.state_machines.documents.application import Application
from leeward.state_machines.documents.direction import Direction, Side, Way
from leeward.state_machines.documents.fields import Document
from leeward.state_machines.places import Place
from leeward.state_machines.problems import Problem, did_you_mean, one_of


@dataclass(frozen=True, slots=True)
class StepScope:
    """One step of one runbook, and the application it acts on."""

    application: Application
    direction: Direction
    place: Place

    @property
    def way(self) -> Way:
        """Origin and target."""
        return Way.of(self.application.regions, self.direction)

    def component(self, name: str, model: type[ComponentModel], *loc: str | int) -> Iterator[Problem]:
        """`name`, written at `loc` in the step, must be a component of `model`'s kind."""
        return component_problems(self.application, name, model, self.place.at(*loc))

    def components(self, names: Iterable[str], model: type[ComponentModel], field: str) -> Iterator[Problem]:
        """Each of `names`, the list at `field`, must be such a component, and be named once."""
        listed = list(names)
        if not listed:
            yield self.place.at(field).problem(
                f"{field} is empty", expected=f"at least one {kind_word(model)} component"
            )
        for index, name in enumerate(listed):
            yield from self.component(name, model, field, index)
            if name in listed[:index]:
                yield self.place.at(field, index).problem(f'"{name}" is listed twice')

    def groups(self, names: Iterable[str], *sides: Side) -> Iterator[Problem]:
        """Each of `names`, the list at `groups`, must be a group of servers that can be found on all of `sides`."""
        listed = list(names)
        yield from self.components(listed, Servers, "groups")
        for index, name in enumerate(listed):
            for side in sides:
                yield from self.findable(name, side, self.place.at("groups", index))

    def findable(self, name: str, side: Side, place: Place) -> Iterator[Problem]:
        """The group `name`, written at `place`, is not chosen by ids where its source servers are new each time."""
        regions, component = self.application.regions, self.application.components.get(name)
        if self.way.region(side) == regions.primary and isinstance(component, Servers) and component.servers.ids:
            yield place.problem(
                f'"{name}" is chosen by ids, which its source servers in {regions.primary} do not have:'
                " drs.reverse creates them anew",
                expected="a group that is chosen by tags",
                hint="choose the group by tags in application.yaml",
            )


def kind_word(model: type[Document]) -> str:
    """`drs.servers` of the model `Servers`."""
    return str(get_args(model.model_fields["kind"].annotation)[0])


def component_problems(
    application: Application, name: str, model: type[ComponentModel], place: Place
) -> Iterator[Problem]:
    """`name`, written at `place`, must be a component of `model`'s kind."""
    found = application.components.get(name)
    if isinstance(found, model):
        return
    fitting = [other for other, _ in application.of_kind(model)]
    expected = f"a component of kind {kind_word(model)}" + (
        f": {one_of(fitting)}" if fitting else ", but there is none"
    )
    if found is None:
        yield place.problem(
            f'unknown component "{name}"', expected=expected, hint=did_you_mean(name, application.components)
        )
    else:
        yield place.problem(
            f'component "{name}" is of kind {found.kind}', expected=expected, hint=did_you_mean(name, fitting)
        )
