"""The website: servers that hold its pages, in its primary Region; load balancers and networks in both.

What Elastic Disaster Recovery needs is here as far as CloudFormation makes it: where replicated data is kept, and how
servers are launched. What it does not make: the service's first use in a Region (`InitializeService`), the source
servers (each server's agent enrols it) and, per server, the subnet and security groups of its launch template.
docs/deploying.md says how these are done.
"""

from __future__ import annotations

from aws_cdk import App

from leeward.infra.plan import Plan
from leeward.infra.stacks.given import given
from leeward.infra.workloads.website.settings import settings_of
from leeward.infra.workloads.website.stack import WebsiteStack


def add(app: App, plan: Plan) -> None:
    """A stack in each Region; the servers themselves run in the primary."""
    settings = settings_of(plan)
    for region in plan.application.regions.both:
        WebsiteStack(app, **given(plan, "workload", region, "the website itself"), settings=settings)
