"""The app: which stacks an application has, in which Regions, in which order. Import after `node.use()`."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import App, Environment, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from common import names
from infra.packaging import code, layer
from infra.plan import Plan
from infra.stacks.engine import EngineStack
from infra.stacks.journal import JournalStack


def build(plan: Plan, out: Path) -> App:
    """The application's stacks, to be written to `out`."""
    # Which CDK wrote a template is the lock's to say; in the template it would make a difference of nothing.
    app = App(outdir=str(out), analytics_reporting=False, tree_metadata=False)
    archives = {"code": code(), "layer": layer()}
    engines = [
        EngineStack(
            app,
            f"{names.of_application(plan.name)}-engine-{region}",
            stack_name=f"{names.of_application(plan.name)}-engine",
            description=f"Leeward: what a run of {plan.name} that enters {region} needs",
            env=Environment(account=plan.application.account, region=region),
            termination_protection=True,
            plan=plan,
            region=region,
            **archives,
        )
        for region in plan.application.regions.both
    ]
    journal = JournalStack(
        app,
        f"{names.of_application(plan.name)}-journal",
        description=f"Leeward: the journal of {plan.name}'s runs, in both Regions",
        env=Environment(account=plan.application.account, region=plan.application.regions.standby),
        termination_protection=True,
        plan=plan,
    )
    for engine in engines:
        journal.add_stack_dependency(engine, "the keys of both Regions")
    Tags.of(app).add("leeward:application", plan.name)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app
