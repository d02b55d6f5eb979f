"""The names of the service's resources, from its documents and its environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from aws_cdk import Environment

from leeward.infra.inputs.deployment_plan import DeploymentPlan, NotDeployable
from leeward.infra.inputs.environment_document import HostedZone
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent
from leeward.state_machines.components.route53_records import FailoverRecordsComponent, LatencyRecordsComponent
from leeward.state_machines.components.route53_weighted_records import WeightedRecordsComponent

Records = FailoverRecordsComponent | LatencyRecordsComponent | WeightedRecordsComponent | RoutingControlsComponent
Found = TypeVar("Found")
# The Region of Route 53's health check metrics and of CloudFront's certificates.
GLOBAL_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class TicketingNames:
    """The deployment plan, and the names that it determines."""

    plan: DeploymentPlan
    api: RestApiComponent
    table: str
    zone: HostedZone
    records: Records

    @classmethod
    def from_plan(cls, plan: DeploymentPlan) -> TicketingNames:
        """Return the names. Raises NotDeployable when the documents or the environment are incomplete."""
        application = plan.application
        if application.routing is None:
            raise NotDeployable("ticketing: application.yaml has no `routing`. Add it with the variant to deploy.")
        variant = application.routing.variants[application.routing.use]
        records = application.components[variant.component]
        if not isinstance(
            records,
            FailoverRecordsComponent | LatencyRecordsComponent | WeightedRecordsComponent | RoutingControlsComponent,
        ):
            raise NotDeployable(f"ticketing: {variant.component} is neither records nor routing controls")
        if plan.settings.hosted_zone is None:
            raise NotDeployable(
                f"infra/environments/{plan.environment.environment}.yaml: ticketing needs its `hosted_zone`"
            )
        return cls(
            plan,
            _find_single_component(plan, RestApiComponent),
            _find_single_component(plan, GlobalTableComponent).table,
            plan.settings.hosted_zone,
            records,
        )

    @property
    def regions(self) -> tuple[str, str]:
        """Return the two Regions, the primary first."""
        return self.plan.application.regions.both

    @property
    def account(self) -> str:
        return self.plan.application.account

    @property
    def page_domain(self) -> str:
        """Return the page's domain, which is that of the zone."""
        return self.zone.name

    def other_region(self, region: str) -> str:
        """Return the other Region."""
        first, second = self.regions
        return second if region == first else first

    def regional_domain(self, region: str) -> str:
        """Return a Region's own domain of the API, independent of DNS routing. Health checks and the page's health view
        use it.
        """
        return f"{region}.{self.api.domain}"

    def page_bucket(self, region: str) -> str:
        return f"ticketing-page-{self.account}-{region}"

    def key_alias(self) -> str:
        """Return the alias of the key in each Region."""
        return "alias/ticketing"

    def sign_in_domain(self, region: str) -> str:
        """Return the domain prefix of the hosted sign-in, which must be unique within a Region across all accounts."""
        return f"ticketing-{self.account}-{region}"

    def environment(self, region: str) -> Environment:
        return Environment(account=self.account, region=region)


def _find_single_component(plan: DeploymentPlan, kind: type[Found]) -> Found:
    components = [component for component in plan.application.components.values() if isinstance(component, kind)]
    if len(components) != 1:
        raise NotDeployable(f"ticketing: application.yaml must have one {kind.__name__}, but has {len(components)}")
    return components[0]
