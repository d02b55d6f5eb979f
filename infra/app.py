"""The app: which stacks an application has, in which Regions, in which order. Import after `node.use()`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aws_cdk import App, Environment, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from common import names
from infra.packaging import code, layer
from infra.permissions.triggered import looking_regions
from infra.plan import Plan
from infra.stacks.engine import EngineStack
from infra.stacks.journal import JournalStack
from infra.stacks.monitoring import MonitoringStack
from infra.stacks.triggers import TriggersStack
from infra.stacks.watch import WatchStack


def build(plan: Plan, out: Path) -> App:
    """The application's stacks, to be written to `out`."""
    # Which CDK wrote a template is the lock's to say; in the template it would make a difference of nothing.
    app = App(outdir=str(out), analytics_reporting=False, tree_metadata=False)
    archives: dict[str, Any] = {"code": code(), "layer": layer()}
    both = plan.application.regions.both
    engines = [
        EngineStack(app, **_named(plan, "engine", region, f"what a run that enters {region} needs"), **archives)
        for region in both
    ]
    journal = JournalStack(app, **_named(plan, "journal", both[1], "the journal, in both Regions", shared=True))
    for engine in engines:
        journal.add_stack_dependency(engine, "the keys of both Regions")
    for region, engine in zip(both, engines, strict=True):
        told = f"what starts the runbooks that enter {region}"
        TriggersStack(app, **_named(plan, "triggers", region, told)).add_stack_dependency(engine, "the functions")
        told = "dashboard, and alarms on the runs themselves"
        MonitoringStack(app, **_named(plan, "monitoring", region, told)).add_stack_dependency(engine, "the functions")
    for region in looking_regions(plan.runbooks):
        if region not in both:
            WatchStack(app, **_named(plan, "watch", region, "looks at the origin from a third Region"), **archives)
    Tags.of(app).add("leeward:application", plan.name)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app


def _named(plan: Plan, what: str, region: str, description: str, *, shared: bool = False) -> dict[str, Any]:
    """What every stack is given. One that is `shared` by the Regions is there once."""
    stack = f"{names.of_application(plan.name)}-{what}"
    return {
        "name": stack if shared else f"{stack}-{region}",
        "stack_name": stack,
        "description": f"Leeward, {plan.name}: {description}",
        "env": Environment(account=plan.application.account, region=region),
        "termination_protection": True,
        "plan": plan,
    } | ({} if shared else {"region": region})
