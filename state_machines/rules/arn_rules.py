"""Validation rules for ARNs and for values per Region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leeward.base.arns import Arn
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem, did_you_mean, format_alternatives


def check_arn(
    text: str, location: DocumentLocation, application: Application, *, service: str, resource: str, region: str
) -> Iterator[DocumentProblem]:
    """Check that `text` belongs to `service`, `region`, and the account. `region` is "" for a global service.

    `resource` is the resource type: the ARN's resource begins with it, or has it after a `/`.
    """
    arn = Arn.parse(text)
    if arn.service != service:
        hint = did_you_mean(arn.service, [service])
        yield location.problem(f'the ARN is of the service "{arn.service}"', expected=f'"{service}"', hint=hint)
    if arn.region != region and region in ("", *application.regions.both):
        yield location.problem(
            f'the ARN is of Region "{arn.region}"' if arn.region else "the ARN names no Region",
            expected=f'"{region}"' if region else f"no Region, as {service} has none in its ARNs",
        )
    if arn.account != application.account:
        yield location.problem(
            f'the ARN is of account "{arn.account}"', expected=f'"{application.account}", the application\'s'
        )
    if arn.service == service and not _is_resource_type(arn.resource, resource):
        yield location.problem(f'the ARN is of a "{arn.resource.split("/")[0]}"', expected=f'a "{resource}"')


def check_regions(
    values: Mapping[str, object], location: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    """Check that there is a value for each of the application's two Regions, and for no other."""
    both = application.regions.both
    if both[0] == both[1]:
        return  # another rule reports this
    for region in both:
        if region not in values:
            yield location.problem(f"no value for {region}", expected=f"one for each of {' and '.join(both)}")
    for region in values:
        if region not in both:
            yield location.child(region).problem(
                f'"{region}" is not a Region of the application',
                expected=format_alternatives(both),
                hint=did_you_mean(region, both),
                key=True,
            )


def check_distinct(values: Mapping[str, str], location: DocumentLocation, label: str) -> Iterator[DocumentProblem]:
    """Check that no two Regions share a value."""
    seen: dict[str, str] = {}
    for region, value in values.items():
        if value in seen:
            yield location.child(region).problem(
                f"the same {label} as for {seen[value]}", expected="another for each Region"
            )
        seen.setdefault(value, region)


def _is_resource_type(resource: str, wanted: str) -> bool:
    return resource.startswith((f"{wanted}/", f"{wanted}:")) or f"/{wanted}/" in resource
