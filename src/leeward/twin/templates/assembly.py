"""A cloud assembly: the folder that `cdk synth` leaves, with a manifest and a template for each stack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from leeward.twin.errors import TwinError
from leeward.twin.templates import names
from leeward.twin.templates.intrinsics import Scope, resolve
from leeward.twin.templates.names import Place, Unresolvable

_MANIFEST = "manifest.json"


class NoTemplates(TwinError):
    """There is no such folder, or it is no cloud assembly; the text says how to make one."""


@dataclass(frozen=True)
class Resource:
    """One resource of one stack."""

    stack: Stack
    logical: str
    kind: str
    raw: Mapping[str, Any]

    @cached_property
    def properties(self) -> Mapping[str, Any]:
        """Its properties, plain. Raises Unresolvable."""
        resolved: Mapping[str, Any] = self.stack.resolve(self.raw)
        return resolved

    @property
    def name(self) -> str:
        """Its physical name. Raises Unresolvable."""
        return names.physical(self.kind, self.raw, self.place)

    @property
    def arn(self) -> str:
        """Raises Unresolvable."""
        return names.arn(self.kind, self.raw, self.place)

    @property
    def region(self) -> str:
        return self.stack.region

    @property
    def place(self) -> Place:
        """Where it stands, for `names`."""
        return Place(self.stack.name, self.stack.region, self.stack.account, self.logical, self.stack.resolve)


class Stack:
    """One stack: its template, its Region, its account."""

    def __init__(
        self, assembly: Assembly, name: str, environment: tuple[str, str], template: Mapping[str, Any]
    ) -> None:
        self.name, (self.account, self.region), self.template = name, environment, template
        self._scope = Scope(name, self._ref, self._attribute, assembly.imported)

    def resources(self, *kinds: str) -> Iterator[Resource]:
        """Those of these types, in the template's order."""
        for logical, told in self.template.get("Resources", {}).items():
            if told["Type"] in kinds:
                yield Resource(self, logical, told["Type"], told.get("Properties", {}))

    def resolve(self, value: Any) -> Any:
        """`value` as a plain value. Raises Unresolvable."""
        return resolve(value, self._scope)

    def exports(self) -> Iterator[tuple[str, Any]]:
        """Name and unresolved value of what other stacks may import."""
        for output in self.template.get("Outputs", {}).values():
            if "Export" in output:
                yield str(self.resolve(output["Export"]["Name"])), output["Value"]

    def _ref(self, name: str) -> Any:
        pseudo = {
            "AWS::Region": self.region,
            "AWS::AccountId": self.account,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": self.name,
            "AWS::StackId": f"arn:aws:cloudformation:{self.region}:{self.account}:stack/{self.name}/twin",
        }
        if name in pseudo:
            return pseudo[name]
        parameter = self.template.get("Parameters", {}).get(name)
        if parameter is not None:
            if "Default" not in parameter:
                raise Unresolvable(f"{self.name}: the parameter {name} has no default")
            return parameter["Default"]
        found = self._find(name)
        return names.ref(found.kind, found.raw, found.place)

    def _attribute(self, logical: str, attribute: str) -> Any:
        found = self._find(logical)
        return names.attribute(found.kind, found.raw, found.place, attribute)

    def _find(self, logical: str) -> Resource:
        told = self.template.get("Resources", {}).get(logical)
        if told is None:
            raise Unresolvable(f"{self.name}: there is no resource {logical}")
        return Resource(self, logical, told["Type"], told.get("Properties", {}))


class Assembly:
    """Every stack of a folder."""

    def __init__(self, stacks: list[tuple[str, tuple[str, str], Mapping[str, Any]]]) -> None:
        """Each stack's name, its account and Region, and its template."""
        self.stacks = [Stack(self, name, environment, template) for name, environment, template in stacks]

    @classmethod
    def load(cls, folder: Path, mend: str = "synthesise it first: `make synth`") -> Assembly:
        """The assembly in `folder`. Raises NoTemplates, whose text ends in `mend`."""
        manifest = folder / _MANIFEST
        if not manifest.is_file():
            raise NoTemplates(f"{folder} holds no synthesised templates (no {_MANIFEST}): {mend}")
        stacks = []
        for name, artifact in sorted(json.loads(manifest.read_text("utf-8"))["artifacts"].items()):
            if artifact["type"] != "aws:cloudformation:stack":
                continue
            account, region = artifact["environment"].removeprefix("aws://").split("/")
            properties = artifact["properties"]
            template = json.loads((folder / properties["templateFile"]).read_text("utf-8"))
            stacks.append((properties.get("stackName", name), (account, region), template))
        return cls(stacks)

    def of(self, prefix: str) -> Assembly:
        """The stacks whose names begin so; what they import of the others is found all the same."""
        found = Assembly([])
        found.stacks = [stack for stack in self.stacks if stack.name.startswith(prefix)]
        return found

    def resources(self, *kinds: str) -> Iterator[Resource]:
        """Those of these types, over all stacks."""
        for stack in self.stacks:
            yield from stack.resources(*kinds)

    def imported(self, name: str) -> Any:
        """What a stack exports under `name`. Raises Unresolvable."""
        for stack in self.stacks:
            for exported, value in stack.exports():
                if exported == name:
                    return stack.resolve(value)
        raise Unresolvable(f"no stack exports {name}")
