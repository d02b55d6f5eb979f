"""Finds the resources that each task uses, from the application's compiled state machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from leeward.common.naming import resource_names
from leeward.infra.permissions.grants.permission import Conditions
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.fragments.lambda_tasks import function_name

CallParameters: TypeAlias = Mapping[str, Any]
_FUNCTION_PREFIX = function_name("")


@dataclass(frozen=True, slots=True)
class RegionResources:
    """One application's resources in one Region: ARNs, or CDK tokens for them."""

    application: Application
    region: str
    table: str
    topic: str
    key: str

    @classmethod
    def from_names(cls, application: Application, region: str, key: str | None = None) -> RegionResources:
        """Return the resources by their naming scheme. `key` is the ARN of the Region's key."""
        name, account = application.application, application.account
        return cls(
            application,
            region,
            f"arn:aws:dynamodb:{region}:{account}:table/{resource_names.table_name(name)}",
            f"arn:aws:sns:{region}:{account}:{resource_names.topic_name(name)}",
            key or f"arn:aws:kms:{region}:{account}:key/{resource_names.application_prefix(name)}",
        )

    @property
    def key_alias(self) -> str:
        """Return the alias of the Region's key."""
        return f"alias/{resource_names.application_prefix(self.application.application)}"

    def log_group(self, task: str) -> str:
        """Return the ARN of a function's log group."""
        function = resource_names.function_name(self.application.application, task)
        return f"arn:aws:logs:{self.region}:{self.application.account}:log-group:/aws/lambda/{function}"


@dataclass(frozen=True, slots=True)
class SelectedResources:
    """The application's resources of one kind, by their IDs or by the tags that they must have."""

    resources: tuple[str, ...]
    conditions: Conditions


@dataclass(frozen=True, slots=True)
class TaskUsage:
    """The use of one task in one Region. `calls` has the parameters of each state that calls it."""

    task: str
    region_resources: RegionResources
    calls: tuple[CallParameters, ...]

    @property
    def account(self) -> str:
        return self.region_resources.application.account

    def collect_regions(self, *keys: str) -> tuple[str, ...]:
        """Return the Regions in the parameters `keys`. A call without the parameter uses the function's own Region."""
        regions = {call.get(key) or self.region_resources.region for call in self.calls for key in keys or ("region",)}
        return tuple(sorted(regions))

    def collect_values(self, key: str) -> tuple[str, ...]:
        """Return every string in the parameters called `key`, at any depth, in lists and in values of mappings."""
        return tuple(
            sorted({text for call in self.calls for found in _find_values(call, key) for text in _iter_strings(found)})
        )

    def with_flag(self, flag: str) -> TaskUsage | None:
        """Return the usage with only the calls that set `flag`, or None when none does."""
        calls = tuple(call for call in self.calls if call.get(flag) is True)
        return TaskUsage(self.task, self.region_resources, calls) if calls else None

    def region_condition(self, regions: Sequence[str]) -> Conditions:
        """Return the condition that limits actions without resource-level permissions to these Regions."""
        return {"StringEquals": {"aws:RequestedRegion": list(regions)}}

    def own_resources(self, kind: str, regions: Sequence[str], *, service: str = "drs") -> list[SelectedResources]:
        """Return the application's resources of this kind in these Regions, selected like its server groups.

        Source servers can be selected by ID. The resources that DRS creates from them can be recognized only by the
        tags that they inherit.
        """
        tag_sets, ids = self._selectors()
        arns = tuple(f"arn:aws:{service}:{region}:{self.account}:{kind}/*" for region in regions)
        chosen = [
            SelectedResources(arns, {"StringEquals": {f"aws:ResourceTag/{key}": value for key, value in tags.items()}})
            for tags in tag_sets
        ]
        if ids:
            own_region = self.region_resources.region
            # The IDs in the document are those of the target Region.
            is_exact = kind == "source-server" and list(regions) == [own_region]
            exact_arns = tuple(f"arn:aws:{service}:{own_region}:{self.account}:{kind}/{i}" for i in ids)
            chosen.append(SelectedResources(exact_arns if is_exact else arns, {}))
        return chosen

    def _selectors(self) -> tuple[list[dict[str, str]], list[str]]:
        """Return the tag sets and the IDs that select servers. If all groups share tags, return only the shared
        ones.
        """
        groups = [group for call in self.calls for group in find_server_groups(call)]
        tags = [dict(group["tags"]) for group in groups if group.get("tags")]
        ids = sorted({i for group in groups for i in group.get("ids") or ()})
        if not tags:
            return [], ids
        shared = dict(set.intersection(*(set(each.items()) for each in tags)))
        if shared:
            return [dict(sorted(shared.items()))], ids
        distinct = {tuple(sorted(each.items())) for each in tags}
        return [dict(each) for each in sorted(distinct)], ids


def find_server_groups(parameters: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the server groups (`drs.inventory.server_groups.ServerGroup`) in a task's parameters, at any depth."""
    if isinstance(parameters, Mapping):
        if {"name", "expect"} <= parameters.keys():
            yield parameters
        else:
            for inner in parameters.values():
                yield from find_server_groups(inner)
    elif isinstance(parameters, list):
        for inner in parameters:
            yield from find_server_groups(inner)


def _find_values(parameters: Any, key: str) -> Iterator[Any]:
    if isinstance(parameters, Mapping):
        for name, inner in parameters.items():
            if name == key:
                yield inner
            else:
                yield from _find_values(inner, key)
    elif isinstance(parameters, list):
        for inner in parameters:
            yield from _find_values(inner, key)


def collect_task_usage(
    region_resources: RegionResources, definitions: Sequence[Mapping[str, Any]]
) -> dict[str, TaskUsage]:
    """Return, by task, the parameters that the state machines `definitions` (ASL) of this Region pass to it."""
    calls: dict[str, list[CallParameters]] = {}
    for definition in definitions:
        for function, payload in _iter_invocations(definition):
            if function.startswith(_FUNCTION_PREFIX):
                task = function.removeprefix(_FUNCTION_PREFIX).replace("-", "_")
                calls.setdefault(task, []).append(payload.get("parameters", {}))
    return {task: TaskUsage(task, region_resources, tuple(parameters)) for task, parameters in sorted(calls.items())}


def find_team_functions(definitions: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the teams' own functions (names or ARNs) that the state machines invoke."""
    functions = {function for definition in definitions for function, _ in _iter_invocations(definition)}
    return sorted(function for function in functions if not function.startswith(_FUNCTION_PREFIX))


def _iter_invocations(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, Mapping):
        if value.get("Type") == "Task" and "FunctionName" in value.get("Parameters", {}):
            yield value["Parameters"]["FunctionName"], value["Parameters"].get("Payload", {})
        for inner in value.values():
            yield from _iter_invocations(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _iter_invocations(inner)


def _iter_strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _iter_strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _iter_strings(inner)
