"""The sample applications themselves, beside what protects them: a folder each."""

from __future__ import annotations

from aws_cdk import App

from infra.plan import Plan


def add(app: App, plan: Plan) -> None:
    """The application's own stacks, where it is one that this repository deploys."""
    if plan.name == "ticketing":
        from infra.workloads import ticketing  # noqa: PLC0415 - the others need not know of its packages

        ticketing.add(app, plan)
