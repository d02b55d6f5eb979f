"""`http.check`: the application's pages answer as they should, asked at the target Region or as a user would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.single import one_wait
from leeward.state_machines.compile.waiting import Pace
from leeward.state_machines.documents.application import Site
from leeward.state_machines.problems import Problem, did_you_mean, one_of
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope

_PACE = Pace(first_seconds=5, longest_seconds=15)
_REQUEST_SECONDS = 5
_OK = 200


class HttpCheck(StepModel):
    """Ask for the site's pages until all of them have answered well `consecutive` times in a row."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=5)

    kind: Literal["http.check"]
    from_: Literal["target", "public"] = Field(
        alias="from", description="target: straight at the target Region's load balancer; public: through public DNS"
    )
    consecutive: Annotated[int, Field(ge=1, le=20)] = Field(3, description="How many good rounds in a row are needed")
    pages: tuple[str, ...] | None = Field(None, description="Which of the site's pages, by path; all by default")


def check(step: HttpCheck, scope: StepScope) -> Iterator[Problem]:
    """There is a site, and it has the pages."""
    site = scope.application.site
    if site is None:
        yield scope.place.problem("http.check needs the application's site", hint="add `site` to application.yaml")
        return
    known = [page.path for page in site.pages]
    if step.pages is not None and not step.pages:
        yield scope.place.at("pages").problem("pages is empty", expected="at least one of the site's pages")
    for index, path in enumerate(step.pages or ()):
        if path not in known:
            yield scope.place.at("pages", index).problem(
                f'the site has no page "{path}"', expected=one_of(known), hint=did_you_mean(path, known)
            )


def compile(step: HttpCheck, context: Context) -> Fragment:
    """One wait."""
    site = context.application.site
    if site is None:
        raise LookupError("a validated document has a site")
    host = site.endpoints[context.way.target] if step.from_ == "target" else None
    parameters: JsonObject = {
        "checks": list(_checks(step, site, host)),
        "consecutive": step.consecutive,
        "request_timeout_seconds": _REQUEST_SECONDS,
    }
    where = f"at {host}" if host else "through public DNS, as users do"
    return one_wait(context, "http_check", parameters, _PACE, f"Ask for the pages {where}")


def _checks(step: HttpCheck, site: Site, host: str | None) -> Iterator[Json]:
    for page in site.pages:
        if step.pages is None or page.path in step.pages:
            url = site.url.rstrip("/") + page.path
            yield {"url": url, "connect_to": host, "contains": page.contains, "status": _OK}


KIND = StepKind(HttpCheck, compile, check=check)
