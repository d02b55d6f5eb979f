"""The website on AWS: servers in the primary Region, and load balancers and networks in both Regions.

It includes what CloudFormation can create for Elastic Disaster Recovery: where replicated data is stored, and how
servers are launched. It doesn't include the service's initialization in a Region (`InitializeService`), the source
servers (each server's agent registers it), and the subnet and security groups in each server's launch template.
docs/deploying.md describes how to set these up.
"""

from __future__ import annotations

from aws_cdk import App

from leeward.infra.inputs.deployment_plan import DeploymentPlan
from leeward.infra.stacks.stack_context import build_stack_arguments
from workloads.website.infra.server_image import find_server_image
from workloads.website.infra.website_stack import WebsiteStack


def add_stacks(app: App, plan: DeploymentPlan) -> None:
    """Add a stack in each Region. The servers run in the primary Region."""
    image = find_server_image(plan)
    for region in plan.application.regions.both:
        WebsiteStack(app, **build_stack_arguments(plan, "workload", region, "the website"), image=image)
