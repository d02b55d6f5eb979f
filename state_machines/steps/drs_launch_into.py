"""`drs.launch_into`: recover into instances that are there already, stopped and tagged for it, in waves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import AfterValidator, Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.groups import launch, launch_rounds, replicated
from leeward.state_machines.components.drs_servers import Tag
from leeward.state_machines.documents.fields import Document, Duration, Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import Launch, StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope

# botocore's service model of drs, shape EC2InstanceID.
_INSTANCE_ID = re.compile(r"i-[0-9a-fA-F]{8,}")


def _instance_id(text: str) -> str:
    if not _INSTANCE_ID.fullmatch(text):
        raise ValueError(f'"{text}" is not an instance id; expected i- and at least 8 hexadecimal digits')
    return text


InstanceId = Annotated[str, AfterValidator(_instance_id)]


class Into(Document):
    """Which instances take a group's servers: one by `id`, one for each server by `tags`, or each by its own `ids`."""

    id: InstanceId | None = Field(None, description="The instance, for a group of one server")
    tags: Annotated[Mapping[Tag, Tag], Field(min_length=1)] | None = Field(
        None, description="Instances with these tags; where there are several servers, of each the one of its Name"
    )
    ids: Annotated[Mapping[Tag, InstanceId], Field(min_length=1)] | None = Field(
        None, description="The instance for each server, by the server's Name tag or id"
    )


Instances: TypeAlias = Mapping[Slug, Into]
_FORMS = ("id", "tags", "ids")


class LaunchInto(StepModel):
    """Launch each server into an existing instance, stopped and tagged AWSDRS=AllowLaunchingIntoThisInstance."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=30)

    kind: Literal["drs.launch_into"]
    timeout: Duration | None = Field(None, description="How long one attempt of each wave may take, such as 25m")
    groups: tuple[Slug, ...] = Field(description="Which drs.servers components to recover")
    instances: Instances = Field(
        description="For each group: {id: i-...}, {tags: {key: value}} or {ids: {name: i-...}}"
    )
    mode: Literal["recovery", "drill"] = Field("recovery", description="A drill's instances are marked as such")


def check(step: LaunchInto, scope: StepScope) -> Iterator[Problem]:
    """The groups exist; each has instances, chosen in one way, none for two servers."""
    yield from scope.groups(step.groups, "target")
    place = scope.place.at("instances")
    for index, name in enumerate(step.groups):
        if name not in step.instances:
            yield scope.place.at("groups", index).problem(
                f'"{name}" has no instances to be launched into', expected=f'an entry "{name}" in instances'
            )
    for name, into in step.instances.items():
        if name not in step.groups:
            yield place.at(name).problem(f'"{name}" is not among the groups of this step', key=True)
        given = [form for form in _FORMS if getattr(into, form) is not None]
        if len(given) != 1:
            yield place.at(name).problem(
                f"the instances are chosen in {len(given)} ways", expected="one of id, tags and ids"
            )
    yield from _twice(step, scope)


def _twice(step: LaunchInto, scope: StepScope) -> Iterator[Problem]:
    seen: set[str] = set()
    for name, into in step.instances.items():
        listed = [(("id",), into.id)] if into.id else [(("ids", key), found) for key, found in (into.ids or {}).items()]
        for loc, instance in listed:
            if instance in seen:
                yield scope.place.at("instances", name, *loc).problem(
                    f"{instance} is to take two servers", expected="another instance for each server"
                )
            seen.add(instance)


def rounds(step: LaunchInto, scope: StepScope) -> int:
    """One for each wave."""
    return launch_rounds(scope.application, step.groups)


def compile(step: LaunchInto, context: Context) -> Fragment:
    """A wait for each group, side by side in each wave."""

    def parameters(group: str) -> JsonObject:
        own: JsonObject = {"into": _into(group, step.instances[group]), "is_drill": step.mode == "drill"}
        return own | replicated(context, "target")

    comment = "Set where {group} is launched into, and start its recovery job, or find the one that was started"
    return launch(context, step.groups, "drs_launch_into", parameters, comment)


def _into(group: str, into: Into) -> JsonObject:
    if into.ids is not None:
        return dict(into.ids)
    return {group: into.id if into.id is not None else dict(into.tags or {})}


def _launch(step: LaunchInto) -> Launch:
    return Launch(step.groups, "target", drill=step.mode == "drill")


KIND = StepKind(LaunchInto, compile, check=check, changes=True, rounds=rounds, launch=_launch)
