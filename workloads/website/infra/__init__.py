"""The website: servers that hold its pages, in its primary Region; load balancers and networks in both.

What Elastic Disaster Recovery needs is here as far as CloudFormation makes it: where replicated data is kept, and how
servers are launched. What it does not make: the service's first use in a Region (`InitializeService`), the source
servers (each server's agent enrols it) and, per server, the subnet and security groups of its launch template.
docs/deploying.md says how these are done.
"""

from __future__ import annotations

from aws_cdk import App

from leeward.infra.inputs.deployment_plan import DeploymentPlan
from leeward.infra.stacks.stack_context import build_stack_arguments
from workloads.website.infra.server_image import find_server_image
from workloads.website.infra.website_stack import WebsiteStack


def add_stacks(app: App, plan: DeploymentPlan) -> None:
    """A stack in each Region; the servers themselves run in the primary."""
    settings = find_server_image(plan)
    for region in plan.application.regions.both:
        WebsiteStack(app, **build_stack_arguments(plan, "workload", region, "the website itself"), image=settings)
