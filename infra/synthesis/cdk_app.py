"""The CDK app: which stacks an application has, their Regions, and their order.

Import this module after calling `node_runtime.use_node()`.
"""

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
    """Return the app with the application's stacks, which writes templates to `out`."""
    # The lock file records the CDK version. In a template, it would cause differences without effect. Stack traces
    # contain the path of a folder that changes each time.
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
    routing = routing_stack.find_routing_controls(plan)
    if routing is not None:
        component, controls = routing
        arguments = build_stack_arguments(
            plan,
            "routing",
            routing_stack.ROUTING_REGION,
            "routing controls and their DNS records",
            is_shared=True,
        )
        routing_stack.RoutingStack(app, **arguments, component=component, controls=controls)


def _add_runbook_stacks(app: App, plan: DeploymentPlan, archives: dict[str, Any]) -> None:
    """Add the stacks that run the runbooks, which are the same for every application."""
    both = plan.application.regions.both
    engines = [
        EngineStack(app, **build_stack_arguments(plan, "engine", region, f"resources for runs to {region}"), **archives)
        for region in both
    ]
    shared = build_stack_arguments(plan, "journal", both[1], "the journal, in both Regions", is_shared=True)
    journal = JournalStack(app, **shared, termination_protection=True)
    for engine in engines:
        journal.add_stack_dependency(engine, "the keys of both Regions")
    for region, engine in zip(both, engines, strict=True):
        description = f"triggers of the runbooks to {region}"
        TriggersStack(app, **build_stack_arguments(plan, "triggers", region, description)).add_stack_dependency(
            engine, "the functions"
        )
        description = "signing key for exports, and the board"
        EvidenceStack(app, **build_stack_arguments(plan, "evidence", region, description)).add_stack_dependency(
            engine, "the functions"
        )
        description = "dashboard and alarms for runs"
        MonitoringStack(app, **build_stack_arguments(plan, "monitoring", region, description)).add_stack_dependency(
            engine, "the functions"
        )
        if notifications_stack.has_notifications(plan):
            description = "notifications to Slack and PagerDuty"
            NotificationsStack(app, **build_stack_arguments(plan, "outlets", region, description)).add_stack_dependency(
                engine, "the key"
            )
    for region in list_probe_regions(plan.runbooks):
        if region not in both:
            OriginWatchStack(
                app,
                **build_stack_arguments(plan, "watch", region, "probes of the origin from a third Region"),
                **archives,
            )
