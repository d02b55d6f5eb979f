"""The rules of `alb.target_group` components."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components.alb_target_group import TargetGroupComponent
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.rules.arn_rules import check_arn, check_distinct, check_regions
from leeward.state_machines.rules.step_scope import check_component_kind


def check(
    targets: TargetGroupComponent, location: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    """Check the server group, and the ARNs."""
    yield from check_component_kind(application, targets.serves, ServerGroupComponent, location.child("serves"))
    location = location.child("target_groups")
    yield from check_regions(targets.target_groups, location, application)
    yield from check_distinct(targets.target_groups, location, "target group")
    for region, arn in targets.target_groups.items():
        yield from check_arn(
            arn,
            location.child(region),
            application,
            service="elasticloadbalancing",
            resource="targetgroup",
            region=region,
        )
