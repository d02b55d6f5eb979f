"""The app: which stacks an application has, in which Regions, in which order. Import after `node.use()`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aws_cdk import App, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from leeward.infra.inputs.deployment_plan import DeploymentPlan
from leeward.infra.packaging.code_asset import build_code_archive
from leeward.infra.packaging.layer_asset import build_layer_archive
from leeward.infra.permissions.trigger_roles import list_probe_regions
from leeward.infra.stacks import notifications_stack, routing_stack
from leeward.infra.stacks.engine_stack import EngineStack
from leeward.infra.stacks.evidence_stack import EvidenceStack
from leeward.infra.stacks.journal_stack import JournalStack
from leeward.infra.stacks.monitoring_stack import MonitoringStack
from leeward.infra.stacks.notifications_stack import NotificationsStack
from leeward.infra.stacks.origin_watch_stack import OriginWatchStack
from leeward.infra.stacks.stack_context import build_stack_arguments
from leeward.infra.stacks.triggers_stack import TriggersStack
from leeward.infra.synthesis.application_stacks import add_application_stacks


def build_app(plan: DeploymentPlan, out: Path) -> App:
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
    add_application_stacks(app, plan)
    _add_routing_stack(app, plan)
    _add_runbook_stacks(app, plan, {"code": build_code_archive(), "layer": build_layer_archive()})
    Tags.of(app).add("leeward:application", plan.name)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app


def _add_routing_stack(app: App, plan: DeploymentPlan) -> None:
    found = routing_stack.find_routing_controls(plan)
    if found is not None:
        component, controls = found
        told = build_stack_arguments(
            plan,
            "routing",
            routing_stack.ROUTING_REGION,
            "routing controls, and the records behind them",
            is_shared=True,
        )
        routing_stack.RoutingStack(app, **told, component=component, controls=controls)


def _add_runbook_stacks(app: App, plan: DeploymentPlan, archives: dict[str, Any]) -> None:
    """All that runs the runbooks: the same for every application."""
    both = plan.application.regions.both
    engines = [
        EngineStack(
            app, **build_stack_arguments(plan, "engine", region, f"what a run that enters {region} needs"), **archives
        )
        for region in both
    ]
    shared = build_stack_arguments(plan, "journal", both[1], "the journal, in both Regions", is_shared=True)
    journal = JournalStack(app, **shared, termination_protection=True)
    for engine in engines:
        journal.add_stack_dependency(engine, "the keys of both Regions")
    for region, engine in zip(both, engines, strict=True):
        told = f"what starts the runbooks that enter {region}"
        TriggersStack(app, **build_stack_arguments(plan, "triggers", region, told)).add_stack_dependency(
            engine, "the functions"
        )
        told = "what vouches for exports, and the board"
        EvidenceStack(app, **build_stack_arguments(plan, "evidence", region, told)).add_stack_dependency(
            engine, "the functions"
        )
        told = "dashboard, and alarms on the runs themselves"
        MonitoringStack(app, **build_stack_arguments(plan, "monitoring", region, told)).add_stack_dependency(
            engine, "the functions"
        )
        if notifications_stack.has_notifications(plan):
            told = "a run's events to the chat and to the pager"
            NotificationsStack(app, **build_stack_arguments(plan, "outlets", region, told)).add_stack_dependency(
                engine, "the key"
            )
    for region in list_probe_regions(plan.runbooks):
        if region not in both:
            OriginWatchStack(
                app,
                **build_stack_arguments(plan, "watch", region, "looks at the origin from a third Region"),
                **archives,
            )
