"""Rules about ARNs and about values that are given per Region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leeward.common.arns import Arn
from leeward.state_machines.documents.application import Application
from leeward.state_machines.places import Place
from leeward.state_machines.problems import Problem, did_you_mean, one_of


def check_arn(
    text: str, place: Place, application: Application, *, service: str, resource: str, region: str
) -> Iterator[Problem]:
    """`text` must be of `service`, of `region` ("" for a service without Regions) and of the account.

    `resource` is what the ARN's resource must begin with, or hold after a `/`.
    """
    arn = Arn.parse(text)
    if arn.service != service:
        hint = did_you_mean(arn.service, [service])
        yield place.problem(f'the ARN is of the service "{arn.service}"', expected=f'"{service}"', hint=hint)
    if arn.region != region and region in ("", *application.regions.both):
        yield place.problem(
            f'the ARN is of Region "{arn.region}"' if arn.region else "the ARN names no Region",
            expected=f'"{region}"' if region else f"no Region, as {service} has none in its ARNs",
        )
    if arn.account != application.account:
        yield place.problem(
            f'the ARN is of account "{arn.account}"', expected=f'"{application.account}", the application\'s'
        )
    if arn.service == service and not _names(arn.resource, resource):
        yield place.problem(f'the ARN is of a "{arn.resource.split("/")[0]}"', expected=f'a "{resource}"')


def check_regions(given: Mapping[str, object], place: Place, application: Application) -> Iterator[Problem]:
    """A value for each of the application's two Regions, and for no other."""
    both = application.regions.both
    if both[0] == both[1]:
        return  # which is a problem of its own, and the cause of any here
    for region in both:
        if region not in given:
            yield place.problem(f"no value for {region}", expected=f"one for each of {' and '.join(both)}")
    for region in given:
        if region not in both:
            yield place.at(region).problem(
                f'"{region}" is not a Region of the application',
                expected=one_of(both),
                hint=did_you_mean(region, both),
                key=True,
            )


def check_differ(given: Mapping[str, str], place: Place, what: str) -> Iterator[Problem]:
    """No two Regions may share a value."""
    seen: dict[str, str] = {}
    for region, value in given.items():
        if value in seen:
            yield place.at(region).problem(f"the same {what} as for {seen[value]}", expected="another for each Region")
        seen.setdefault(value, region)


def _names(resource: str, wanted: str) -> bool:
    return resource.startswith((f"{wanted}/", f"{wanted}:")) or f"/{wanted}/" in resource
