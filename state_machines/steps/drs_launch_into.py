"""`drs.launch_into`: recover into instances that are there already, stopped and tagged for it, in waves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import AfterValidator, Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.components.drs_servers import TagText
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import DocumentModel, Duration, Slug
from leeward.state_machines.fragments.actions.server_groups import (
    count_launch_waves,
    launch_in_waves,
    replication_parameters,
)
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.steps.step_kind import StepKind, StepLaunch, StepModel

# botocore's service model of drs, shape EC2InstanceID.
_INSTANCE_ID_PATTERN = re.compile(r"i-[0-9a-fA-F]{8,}")


def _check_instance_id(text: str) -> str:
    if not _INSTANCE_ID_PATTERN.fullmatch(text):
        raise ValueError(f'"{text}" is not an instance id; expected i- and at least 8 hexadecimal digits')
    return text


InstanceId = Annotated[str, AfterValidator(_check_instance_id)]


class LaunchTargets(DocumentModel):
    """Which instances take a group's servers: one by `id`, one for each server by `tags`, or each by its own `ids`."""

    id: InstanceId | None = Field(None, description="The instance, for a group of one server")
    tags: Annotated[Mapping[TagText, TagText], Field(min_length=1)] | None = Field(
        None, description="Instances with these tags; where there are several servers, of each the one of its Name"
    )
    ids: Annotated[Mapping[TagText, InstanceId], Field(min_length=1)] | None = Field(
        None, description="The instance for each server, by the server's Name tag or id"
    )


LaunchTargetsByGroup: TypeAlias = Mapping[Slug, LaunchTargets]
_SELECTOR_FIELDS = ("id", "tags", "ids")


class DrsLaunchIntoStep(StepModel):
    """Launch each server into an existing instance, stopped and tagged AWSDRS=AllowLaunchingIntoThisInstance."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=30)

    kind: Literal["drs.launch_into"]
    timeout: Duration | None = Field(None, description="How long one attempt of each wave may take, such as 25m")
    groups: tuple[Slug, ...] = Field(description="Which drs.servers components to recover")
    instances: LaunchTargetsByGroup = Field(
        description="For each group: {id: i-...}, {tags: {key: value}} or {ids: {name: i-...}}"
    )
    mode: Literal["recovery", "drill"] = Field("recovery", description="A drill's instances are marked as such")


def check(step: DrsLaunchIntoStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """The groups exist; each has instances, chosen in one way, none for two servers."""
    yield from scope.check_groups(step.groups, "target")
    place = scope.location.child("instances")
    for index, name in enumerate(step.groups):
        if name not in step.instances:
            yield scope.location.child("groups", index).problem(
                f'"{name}" has no instances to be launched into', expected=f'an entry "{name}" in instances'
            )
    for name, into in step.instances.items():
        if name not in step.groups:
            yield place.child(name).problem(f'"{name}" is not among the groups of this step', key=True)
        given = [form for form in _SELECTOR_FIELDS if getattr(into, form) is not None]
        if len(given) != 1:
            yield place.child(name).problem(
                f"the instances are chosen in {len(given)} ways", expected="one of id, tags and ids"
            )
    yield from _check_duplicate_instances(step, scope)


def _check_duplicate_instances(step: DrsLaunchIntoStep, scope: StepScope) -> Iterator[DocumentProblem]:
    seen: set[str] = set()
    for name, into in step.instances.items():
        listed = [(("id",), into.id)] if into.id else [(("ids", key), found) for key, found in (into.ids or {}).items()]
        for loc, instance in listed:
            if instance in seen:
                yield scope.location.child("instances", name, *loc).problem(
                    f"{instance} is to take two servers", expected="another instance for each server"
                )
            seen.add(instance)


def count_waves(step: DrsLaunchIntoStep, scope: StepScope) -> int:
    """One for each wave."""
    return count_launch_waves(scope.application, step.groups)


def compile(step: DrsLaunchIntoStep, context: StepContext) -> Fragment:
    """A wait for each group, side by side in each wave."""

    def parameters(group: str) -> JsonObject:
        own: JsonObject = {"into": _launch_targets_json(group, step.instances[group]), "is_drill": step.mode == "drill"}
        return own | replication_parameters(context, "target")

    comment = "Set where {group} is launched into, and start its recovery job, or find the one that was started"
    return launch_in_waves(context, step.groups, "drs_launch_into", parameters, comment)


def _launch_targets_json(group: str, targets: LaunchTargets) -> JsonObject:
    if targets.ids is not None:
        return dict(targets.ids)
    return {group: targets.id if targets.id is not None else dict(targets.tags or {})}


def _get_launch(step: DrsLaunchIntoStep) -> StepLaunch:
    return StepLaunch(step.groups, "target", is_drill=step.mode == "drill")


KIND = StepKind(
    DrsLaunchIntoStep, compile, check=check, changes_resources=True, count_waves=count_waves, get_launch=_get_launch
)
