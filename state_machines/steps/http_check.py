"""`http.check`: check that the application's pages respond as expected, at the target Region or as a user would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from leeward.state_machines.application.application_document import Site
from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.diagnostics.problems import DocumentProblem, did_you_mean, format_alternatives
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_effects import ServiceCheck, StepEffect
from leeward.state_machines.step_kinds.step_model import StepModel

_POLL_INTERVAL = PollInterval(first_seconds=5, longest_seconds=15)
_REQUEST_SECONDS = 5
_HTTP_OK = 200


class HttpCheckStep(StepModel):
    """Request the site's pages until all of them succeed `consecutive` times in a row."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=5)

    kind: Literal["http.check"]
    from_: Literal["target", "public"] = Field(
        alias="from", description="target: directly at the target Region's load balancer; public: through public DNS"
    )
    consecutive: Annotated[int, Field(ge=1, le=20)] = Field(3, description="How many rounds in a row must succeed")
    pages: tuple[str, ...] | None = Field(
        None, description="The paths of the site's pages to check. By default, all of them"
    )

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (ServiceCheck("target" if self.from_ == "target" else None),)


def check(step: HttpCheckStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the application has a site with these pages."""
    site = scope.application.site
    if site is None:
        yield scope.location.problem("http.check needs the application's site", hint="add `site` to application.yaml")
        return
    known = [page.path for page in site.pages]
    if step.pages is not None and not step.pages:
        yield scope.location.child("pages").problem("pages is empty", expected="at least one of the site's pages")
    for index, path in enumerate(step.pages or ()):
        if path not in known:
            yield scope.location.child("pages", index).problem(
                f'the site has no page "{path}"', expected=format_alternatives(known), hint=did_you_mean(path, known)
            )


def compile(step: HttpCheckStep, context: StepContext) -> Fragment:
    """Build one poll loop."""
    site = context.application.site
    if site is None:
        raise LookupError("a validated document has a site")
    host = site.endpoints[context.run_regions.target] if step.from_ == "target" else None
    parameters: JsonObject = {
        "checks": list(_page_checks(step, site, host)),
        "consecutive": step.consecutive,
        "request_timeout_seconds": _REQUEST_SECONDS,
    }
    route = f"at {host}" if host else "through public DNS, as users do"
    return build_single_wait(context, "http_check", parameters, _POLL_INTERVAL, f"Request the pages {route}")


def _page_checks(step: HttpCheckStep, site: Site, host: str | None) -> Iterator[Json]:
    for page in site.pages:
        if step.pages is None or page.path in step.pages:
            url = site.url.rstrip("/") + page.path
            yield {"url": url, "connect_to": host, "contains": page.contains, "status": _HTTP_OK}
