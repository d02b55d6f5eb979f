"""Reads a cloud assembly: the folder that `cdk synth` writes, with a manifest and a template for each stack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from leeward.twin.errors import TwinError
from leeward.twin.templates import resource_names
from leeward.twin.templates.intrinsic_functions import IntrinsicScope, resolve_intrinsics
from leeward.twin.templates.resource_names import ResourceContext, UnresolvableValue

_MANIFEST = "manifest.json"


class TemplatesNotFound(TwinError):
    """The folder does not exist or is not a cloud assembly. The message says how to create one."""


@dataclass(frozen=True)
class TemplateResource:
    """One resource of one stack."""

    stack: TemplateStack
    logical_id: str
    kind: str
    raw_properties: Mapping[str, Any]

    @cached_property
    def properties(self) -> Mapping[str, Any]:
        """Return the resource's properties as plain values. Raises UnresolvableValue."""
        resolved: Mapping[str, Any] = self.stack.resolve(self.raw_properties)
        return resolved

    @property
    def name(self) -> str:
        """Return the resource's physical name. Raises UnresolvableValue."""
        return resource_names.physical_name(self.kind, self.raw_properties, self.context)

    @property
    def arn(self) -> str:
        """Return the resource's ARN. Raises UnresolvableValue."""
        return resource_names.resource_arn(self.kind, self.raw_properties, self.context)

    @property
    def region(self) -> str:
        return self.stack.region

    @property
    def context(self) -> ResourceContext:
        """Return the resource's stack and logical ID, for `resource_names`."""
        return ResourceContext(
            self.stack.name, self.stack.region, self.stack.account, self.logical_id, self.stack.resolve
        )


class TemplateStack:
    """One stack: its template, Region, and account."""

    def __init__(
        self, assembly: CloudAssembly, name: str, environment: tuple[str, str], template: Mapping[str, Any]
    ) -> None:
        self.name, (self.account, self.region), self.template = name, environment, template
        self._scope = IntrinsicScope(name, self._get_ref, self._get_attribute, assembly.imported_value)

    def resources(self, *kinds: str) -> Iterator[TemplateResource]:
        """Yield the resources of these types, in the order of the template."""
        for logical, resource in self.template.get("Resources", {}).items():
            if resource["Type"] in kinds:
                yield TemplateResource(self, logical, resource["Type"], resource.get("Properties", {}))

    def resolve(self, value: Any) -> Any:
        """Return `value` as a plain value. Raises UnresolvableValue."""
        return resolve_intrinsics(value, self._scope)

    def list_exports(self) -> Iterator[tuple[str, Any]]:
        """Yield the name and unresolved value of each export."""
        for output in self.template.get("Outputs", {}).values():
            if "Export" in output:
                yield str(self.resolve(output["Export"]["Name"])), output["Value"]

    def _get_ref(self, name: str) -> Any:
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
                raise UnresolvableValue(f"{self.name}: the parameter {name} has no default")
            return parameter["Default"]
        resource = self._find_resource(name)
        return resource_names.resolve_ref(resource.kind, resource.raw_properties, resource.context)

    def _get_attribute(self, logical_id: str, attribute: str) -> Any:
        resource = self._find_resource(logical_id)
        return resource_names.resolve_attribute(resource.kind, resource.raw_properties, resource.context, attribute)

    def _find_resource(self, logical_id: str) -> TemplateResource:
        resource = self.template.get("Resources", {}).get(logical_id)
        if resource is None:
            raise UnresolvableValue(f"{self.name}: there is no resource {logical_id}")
        return TemplateResource(self, logical_id, resource["Type"], resource.get("Properties", {}))


class CloudAssembly:
    """All stacks of a folder."""

    def __init__(self, stacks: list[tuple[str, tuple[str, str], Mapping[str, Any]]]) -> None:
        """Create an assembly from each stack's name, its account and Region, and its template."""
        self.stacks = [TemplateStack(self, name, environment, template) for name, environment, template in stacks]

    @classmethod
    def load(cls, folder: Path, hint: str = "synthesize it first: `make synth`") -> CloudAssembly:
        """Read the assembly in `folder`. Raises TemplatesNotFound, whose message ends with `hint`."""
        manifest = folder / _MANIFEST
        if not manifest.is_file():
            raise TemplatesNotFound(f"{folder} contains no synthesized templates (no {_MANIFEST}): {hint}")
        stacks = []
        for name, artifact in sorted(json.loads(manifest.read_text("utf-8"))["artifacts"].items()):
            if artifact["type"] != "aws:cloudformation:stack":
                continue
            account, region = artifact["environment"].removeprefix("aws://").split("/")
            properties = artifact["properties"]
            template = json.loads((folder / properties["templateFile"]).read_text("utf-8"))
            stacks.append((properties.get("stackName", name), (account, region), template))
        return cls(stacks)

    def select_stacks(self, prefix: str) -> CloudAssembly:
        """Return the stacks whose names start with `prefix`. Their imports from the other stacks still resolve."""
        selected = CloudAssembly([])
        selected.stacks = [stack for stack in self.stacks if stack.name.startswith(prefix)]
        return selected

    def resources(self, *kinds: str) -> Iterator[TemplateResource]:
        """Yield the resources of these types in all stacks."""
        for stack in self.stacks:
            yield from stack.resources(*kinds)

    def imported_value(self, name: str) -> Any:
        """Return the value that a stack exports as `name`. Raises UnresolvableValue."""
        for stack in self.stacks:
            for exported, value in stack.list_exports():
                if exported == name:
                    return stack.resolve(value)
        raise UnresolvableValue(f"no stack exports {name}")
