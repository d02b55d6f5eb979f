"""`api.transaction`: a synthetic transaction that writes an item as a user would, and reads it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, JsonValue

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import DocumentModel, Slug, text_matching
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_effects import ServiceCheck, StepEffect
from leeward.state_machines.step_kinds.step_model import StepModel

_POLL_INTERVAL = PollInterval(first_seconds=5, longest_seconds=15)
_REQUEST_SECONDS = 5
RequestPath = Annotated[str, AfterValidator(text_matching(r"/[^\s?#]*", "a path that starts with /"))]


class TransactionWrite(DocumentModel):
    """The request that writes. `{token}` in a text of `body` is replaced by the same token in every try of one
    attempt.
    """

    path: RequestPath = Field(description="The path of the POST request")
    body: Mapping[str, JsonValue] = Field(description="The JSON object in the request's body")


class ApiTransactionStep(StepModel):
    """Write and read back until this succeeds `consecutive` times in a row in the expected Region."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=5)

    kind: Literal["api.transaction"]
    component: Slug = Field(description="The apigateway.rest_api component")
    from_: Literal["target", "public"] = Field(
        alias="from", description="target: directly at the target Region's endpoint; public: through public DNS"
    )
    served_by: Side | Literal["any"] = Field(
        "target", description="The Region that must respond: target, origin, or any"
    )
    write: TransactionWrite = Field(description="The request that writes: {path, body}")
    read: RequestPath = Field(description="The path to read back, with {id} for the ID in the response to the write")
    consecutive: Annotated[int, Field(ge=1, le=20)] = Field(3, description="How many rounds in a row must succeed")

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (ServiceCheck("target" if self.from_ == "target" else None),)


def check(step: ApiTransactionStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the API exists, and that the read refers to the written item."""
    yield from scope.check_component(step.component, RestApiComponent, "component")
    if "{id}" not in step.read:
        yield scope.location.child("read").problem(
            "the path to read back has no {id}", expected="a path such as /ticket/{id}"
        )
    if step.from_ == "target" and step.served_by == "origin":
        yield scope.location.child("served_by").problem(
            "the target's endpoint can't lead to the origin", expected="target"
        )


def compile(step: ApiTransactionStep, context: StepContext) -> Fragment:
    """Build one poll loop."""
    api = context.application.component(step.component, RestApiComponent)
    host = api.endpoints[context.run_regions.target] if step.from_ == "target" else None
    parameters: JsonObject = {
        "url": f"https://{api.domain}",
        "connect_to": host,
        "write_path": step.write.path,
        "write_body": dict(step.write.body),
        "read_path": step.read,
        "served_by": None if step.served_by == "any" else context.run_regions.region(step.served_by),
        "consecutive": step.consecutive,
        "request_timeout_seconds": _REQUEST_SECONDS,
        "canary": api.canary,
    }
    route = f"at {host}" if host else "through public DNS, as users do"
    return build_single_wait(context, "api_transaction", parameters, _POLL_INTERVAL, f"Write and read back {route}")
