"""The app: which stacks an application has, in which Regions, in which order. Import after `node.use()`."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from aws_cdk import App, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from leeward.infra.packaging import code, layer
from leeward.infra.permissions.triggered import looking_regions
from leeward.infra.plan import Plan
from leeward.infra.stacks import outlets, routing
from leeward.infra.stacks.engine import EngineStack
from leeward.infra.stacks.evidence import EvidenceStack
from leeward.infra.stacks.given import given
from leeward.infra.stacks.journal import JournalStack
from leeward.infra.stacks.monitoring import MonitoringStack
from leeward.infra.stacks.outlets import OutletsStack
from leeward.infra.stacks.triggers import TriggersStack
from leeward.infra.stacks.watch import WatchStack


def build(plan: Plan, out: Path) -> App:
    """The application's stacks, to be written to `out`."""
    # Which CDK wrote a template is the lock's to say; in the template it would make a difference of nothing.
    # Where in CDK a construct was made is a path in a folder that is another each time.
    app = App(
        outdir=str(out),
        analytics_reporting=False,
        tree_metadata=False,
        stack_traces=False,
        context={"aws:cdk:disable-creation-stack-traces": True},
    )
    _workload(app, plan)
    _routing(app, plan)
    _runbooks(app, plan, {"code": code(), "layer": layer()})
    Tags.of(app).add("leeward:application", plan.name)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app


def _workload(app: App, plan: Plan) -> None:
    """The sample application itself, where it is one of ours."""
    module = f"leeward.infra.workloads.{plan.name.replace('-', '_')}"
    if importlib.util.find_spec(module) is not None:
        importlib.import_module(module).add(app, plan)


def _routing(app: App, plan: Plan) -> None:
    found = routing.routed(plan)
    if found is not None:
        component, controls = found
        told = given(plan, "routing", routing.REGION, "routing controls, and the records behind them", shared=True)
        routing.RoutingStack(app, **told, component=component, controls=controls)


def _runbooks(app: App, plan: Plan, archives: dict[str, Any]) -> None:
    """All that runs the runbooks: the same for every application."""
    both = plan.application.regions.both
    engines = [
        EngineStack(app, **given(plan, "engine", region, f"what a run that enters {region} needs"), **archives)
        for region in both
    ]
    shared = given(plan, "journal", both[1], "the journal, in both Regions", shared=True)
    journal = JournalStack(app, **shared, termination_protection=True)
    for engine in engines:
        journal.add_stack_dependency(engine, "the keys of both Regions")
    for region, engine in zip(both, engines, strict=True):
        told = f"what starts the runbooks that enter {region}"
        TriggersStack(app, **given(plan, "triggers", region, told)).add_stack_dependency(engine, "the functions")
        told = "what vouches for exports, and the board"
        EvidenceStack(app, **given(plan, "evidence", region, told)).add_stack_dependency(engine, "the functions")
        told = "dashboard, and alarms on the runs themselves"
        MonitoringStack(app, **given(plan, "monitoring", region, told)).add_stack_dependency(engine, "the functions")
        if outlets.wanted(plan):
            told = "a run's events to the chat and to the pager"
            OutletsStack(app, **given(plan, "outlets", region, told)).add_stack_dependency(engine, "the key")
    for region in looking_regions(plan.runbooks):
        if region not in both:
            WatchStack(app, **given(plan, "watch", region, "looks at the origin from a third Region"), **archives)
