"""The ticketing service on AWS: each Region's own stack, the shared stack, and the DNS and page stacks.

    configuration/  resource names from the documents and the environment, and the code and layer archives
    constructs/     one module per AWS service
    stacks/         ticketing-service (in each Region), ticketing-shared, ticketing-dns and ticketing-page (us-east-1)

Routing controls and their records are in infra/stacks/routing_stack.py. Loaded only by
infra/synthesis/application_stacks.py. docs/ticketing.md describes how to deploy and remove the stacks.
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
    """Add the service's five stacks."""
    names = TicketingNames.from_plan(plan)
    services = [ServiceStack(app, names, region) for region in names.regions]
    shared = SharedStack(app, names)
    for service in services:
        # Each replica uses its own Region's key. The functions refer to the table by name and need it only when they
        # run.
        shared.add_stack_dependency(service, "the keys of both Regions")
    DnsStack(app, names)
    PageStack(app, names)
