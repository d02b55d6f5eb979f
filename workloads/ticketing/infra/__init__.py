"""The ticketing service on AWS: what each Region has of its own, what both share, and what leads users to them.

    names        what it is all called, from the documents and the environment
    assets       its code, and the packages that it imports
    shared       the global table, and the secrets with a replica in each Region     (stack ticketing-shared)
    service      a Region: its key, functions, API, user pool, bucket and alarms     (stack ticketing-service, twice)
    functions    the three functions, and the stream and schedule that call two of them
    gateway      the REST API: stage, throttling, access log, gateway responses
    domains      certificate, custom domains, base path mappings
    identity     the user pool with Facebook
    bucket       the page's bucket
    dns          health checks with alarms, and the records of the chosen variant    (stack ticketing-dns, us-east-1)
    readiness    ARC's readiness checks, for those who have them                     (in ticketing-dns)
    page         CloudFront with origin access control and the page's headers        (stack ticketing-page, us-east-1)

Routing controls, and the records behind them, are infra/stacks/routing.py's. Imported by `infra.app` alone.
docs/ticketing.md says in which order they are deployed, and how they are taken away.
"""

from __future__ import annotations

from aws_cdk import App

from leeward.infra.inputs.deployment_plan import DeploymentPlan
from workloads.ticketing.infra.configuration.resource_names import TicketingNames
from workloads.ticketing.infra.stacks.dns_stack import DnsStack
from workloads.ticketing.infra.stacks.page_stack import PageStack
from workloads.ticketing.infra.stacks.service_stack import ServiceStack
from workloads.ticketing.infra.stacks.shared_stack import SharedStack


def add_stacks(app: App, plan: DeploymentPlan) -> None:
    """Its five stacks."""
    names = TicketingNames.from_plan(plan)
    services = [ServiceStack(app, names, region) for region in names.regions]
    shared = SharedStack(app, names)
    for service in services:
        # The key of each replica is its Region's own; the functions name the table, and need it when they are called.
        shared.add_stack_dependency(service, "the keys of both Regions")
    DnsStack(app, names)
    PageStack(app, names)
