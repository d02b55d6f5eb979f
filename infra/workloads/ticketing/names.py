"""What the service's things are called: told by its documents and its environment, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from aws_cdk import Environment

from leeward.infra.environments.model import HostedZone
from leeward.infra.plan import CannotDeploy, Plan
from leeward.state_machines.components.apigateway_rest_api import RestApi
from leeward.state_machines.components.arc_routing_controls import RoutingControls
from leeward.state_machines.components.dynamodb_global_table import GlobalTable
from leeward.state_machines.components.route53_records import FailoverRecords, LatencyRecords
from leeward.state_machines.components.route53_weighted_records import WeightedRecords

Records = FailoverRecords | LatencyRecords | WeightedRecords | RoutingControls
Found = TypeVar("Found")
# Where the metrics of Route 53's health checks and CloudFront's certificates must be.
EDGE = "us-east-1"


@dataclass(frozen=True, slots=True)
class Names:
    """The plan, and what is read from it."""

    plan: Plan
    api: RestApi
    table: str
    zone: HostedZone
    records: Records

    @classmethod
    def of(cls, plan: Plan) -> Names:
        """Raises CannotDeploy where the documents or the environment leave something open."""
        application = plan.application
        if application.routing is None:
            raise CannotDeploy("ticketing: application.yaml has no `routing`: say which variant is deployed")
        variant = application.routing.variants[application.routing.use]
        records = application.components[variant.component]
        if not isinstance(records, FailoverRecords | LatencyRecords | WeightedRecords | RoutingControls):
            raise CannotDeploy(f"ticketing: {variant.component} is neither records nor routing controls")
        if plan.settings.hosted_zone is None:
            raise CannotDeploy(
                f"infra/environments/{plan.environment.environment}.yaml: ticketing needs its `hosted_zone`"
            )
        return cls(plan, _only(plan, RestApi), _only(plan, GlobalTable).table, plan.settings.hosted_zone, records)

    @property
    def both(self) -> tuple[str, str]:
        """The two Regions, the primary first."""
        return self.plan.application.regions.both

    @property
    def account(self) -> str:
        return self.plan.application.account

    @property
    def page(self) -> str:
        """The page's domain: the zone's own."""
        return self.zone.name

    def peer(self, region: str) -> str:
        """The other Region."""
        first, second = self.both
        return second if region == first else first

    def own_domain(self, region: str) -> str:
        """A Region's own name of the API, past the DNS that chooses: what health checks and the page's health ask."""
        return f"{region}.{self.api.domain}"

    def bucket(self, region: str) -> str:
        return f"ticketing-page-{self.account}-{region}"

    def key_alias(self) -> str:
        """Of the key in each Region."""
        return "alias/ticketing"

    def sign_in_domain(self, region: str) -> str:
        """The prefix of the hosted sign-in; unique in a Region among all accounts."""
        return f"ticketing-{self.account}-{region}"

    def environment(self, region: str) -> Environment:
        return Environment(account=self.account, region=region)


def _only(plan: Plan, kind: type[Found]) -> Found:
    found = [component for component in plan.application.components.values() if isinstance(component, kind)]
    if len(found) != 1:
        raise CannotDeploy(f"ticketing: application.yaml must have one {kind.__name__}, and has {len(found)}")
    return found[0]
