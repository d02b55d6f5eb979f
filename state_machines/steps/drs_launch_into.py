"""`drs.launch_into`: recover into existing instances that are stopped and tagged for it, in waves."""

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
from leeward.state_machines.step_kinds.step_effects import Launch, StepEffect
from leeward.state_machines.step_kinds.step_model import StepModel

# Source: botocore's service model of drs, shape EC2InstanceID.
_INSTANCE_ID_PATTERN = re.compile(r"i-[0-9a-fA-F]{8,}")


def _check_instance_id(text: str) -> str:
    if not _INSTANCE_ID_PATTERN.fullmatch(text):
        raise ValueError(f'"{text}" is not an instance id; expected i- and at least 8 hexadecimal digits')
    return text


InstanceId = Annotated[str, AfterValidator(_check_instance_id)]


class LaunchTargets(DocumentModel):
    """The instances for a group's servers: one by `id`, one per server by `tags`, or one per server by `ids`."""

    id: InstanceId | None = Field(None, description="The instance, for a group of one server")
    tags: Annotated[Mapping[TagText, TagText], Field(min_length=1)] | None = Field(
        None, description="Instances with these tags. For several servers, each uses the instance with its own Name tag"
    )
    ids: Annotated[Mapping[TagText, InstanceId], Field(min_length=1)] | None = Field(
        None, description="The instance for each server, by the server's Name tag or ID"
    )


LaunchTargetsByGroup: TypeAlias = Mapping[Slug, LaunchTargets]
_SELECTOR_FIELDS = ("id", "tags", "ids")


class DrsLaunchIntoStep(StepModel):
    """Launch each server into an existing instance that is stopped and tagged AWSDRS=AllowLaunchingIntoThisInstance."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=30)

    kind: Literal["drs.launch_into"]
    timeout: Duration | None = Field(None, description="How long one attempt may take for each wave, such as 25m")
    groups: tuple[Slug, ...] = Field(description="The drs.servers components to recover")
    instances: LaunchTargetsByGroup = Field(
        description="For each group: {id: i-...}, {tags: {key: value}} or {ids: {name: i-...}}"
    )
    mode: Literal["recovery", "drill"] = Field("recovery", description="A drill's instances are marked as such")

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (Launch(self.groups, "target", is_drill=self.mode == "drill"),)


def check(step: DrsLaunchIntoStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the groups exist, and that each has instances that are selected in one way and used for one server
    only.
    """
    yield from scope.check_groups(step.groups, "target")
    location = scope.location.child("instances")
    for index, name in enumerate(step.groups):
        if name not in step.instances:
            yield scope.location.child("groups", index).problem(
                f'"{name}" has no instances to launch into', expected=f'an entry "{name}" in instances'
            )
    for name, targets in step.instances.items():
        if name not in step.groups:
            yield location.child(name).problem(f'"{name}" is not among the groups of this step', key=True)
        selectors = [field for field in _SELECTOR_FIELDS if getattr(targets, field) is not None]
        if len(selectors) != 1:
            yield location.child(name).problem(
                f"the instances are selected in {len(selectors)} ways", expected="one of id, tags and ids"
            )
    yield from _check_duplicate_instances(step, scope)


def _check_duplicate_instances(step: DrsLaunchIntoStep, scope: StepScope) -> Iterator[DocumentProblem]:
    seen: set[str] = set()
    for name, targets in step.instances.items():
        by_server = [(("ids", key), instance) for key, instance in (targets.ids or {}).items()]
        listed = [(("id",), targets.id)] if targets.id else by_server
        for loc, instance in listed:
            if instance in seen:
                yield scope.location.child("instances", name, *loc).problem(
                    f"{instance} is used for two servers", expected="another instance for each server"
                )
            seen.add(instance)


def count_waves(step: DrsLaunchIntoStep, scope: StepScope) -> int:
    """Return the number of waves."""
    return count_launch_waves(scope.application, step.groups)


def compile(step: DrsLaunchIntoStep, context: StepContext) -> Fragment:
    """Build a poll loop that launches one wave after the other."""
    parameters: JsonObject = {
        "into": {group: _launch_targets_json(group, step.instances[group]) for group in step.groups},
        "is_drill": step.mode == "drill",
    }
    parameters |= replication_parameters(context, "target")
    comment = "Set the groups' instances and start their recovery jobs, or find those that an earlier call started"
    return launch_in_waves(context, step.groups, "drs_launch_into", parameters, comment)


def _launch_targets_json(group: str, targets: LaunchTargets) -> JsonObject:
    if targets.ids is not None:
        return dict(targets.ids)
    return {group: targets.id if targets.id is not None else dict(targets.tags or {})}
