"""The public names by topic, and the module that each comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_NAMES_BY_MODULE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "A plug-in and its kinds": {
        "leeward.kinds.descriptors.plugin": (
            "Plugin",
            "ServiceSimulation",
        ),
        "leeward.kinds.descriptors.step_kind": (
            "StepKind",
            "Task",
            "Undo",
            "PlannedTime",
            "ServiceUse",
        ),
        "leeward.kinds.descriptors.component_kind": ("ComponentKind",),
        "leeward.kinds.descriptors.effects": ("Effect",),
        "leeward.kinds.descriptors.resources": ("ChangedResource",),
    },
    "Documents": {
        "leeward.state_machines.step_kinds.step_model": ("StepModel",),
        "leeward.state_machines.component_kinds.component_model": ("ComponentModel",),
        "leeward.state_machines.fields.field_types": (
            "AccountId",
            "ArnPerRegion",
            "ArnText",
            "Duration",
            "HostName",
            "RegionName",
            "ShortText",
            "Slug",
            "Url",
        ),
        "leeward.state_machines.application.application_document": ("Application",),
        "leeward.state_machines.application.run_direction": (
            "RunDirection",
            "RunRegions",
            "Side",
        ),
    },
    "Rules": {
        "leeward.state_machines.rules.step_scope": (
            "StepScope",
            "check_component_kind",
        ),
        "leeward.state_machines.rules.arn_rules": (
            "check_arn",
            "check_distinct",
            "check_regions",
        ),
        "leeward.state_machines.diagnostics.document_locations": ("DocumentLocation",),
        "leeward.state_machines.diagnostics.problems": ("DocumentProblem",),
    },
    "What a step does, and what it needs": {
        "leeward.state_machines.step_kinds.step_effects": (
            "ApprovalQuestion",
            "CopyDiscard",
            "CopyWait",
            "DrillEnd",
            "Launch",
            "OriginOverwrite",
            "Registration",
            "Removal",
            "Reversal",
            "ServiceCheck",
            "ServiceRestored",
            "StepEffect",
            "TargetChange",
            "UserMove",
            "WriteFence",
            "WritesWait",
        ),
        "leeward.state_machines.step_kinds.plan_values": (
            "QuotaUse",
            "StatedTime",
        ),
        "leeward.state_machines.component_kinds.cost_items": (
            "CostItem",
            "MonthCost",
        ),
    },
    "States": {
        "leeward.state_machines.fragments.step_context": (
            "Fragment",
            "StepContext",
        ),
        "leeward.state_machines.fragments.patterns.single_action": (
            "build_short_wait",
            "build_single_wait",
        ),
        "leeward.state_machines.fragments.patterns.poll_loop": ("PollInterval",),
        "leeward.state_machines.asl.serialization.json_types": (
            "Json",
            "JsonObject",
        ),
    },
    "Permissions": {
        "leeward.infra.permissions.grants.permission": ("Permission",),
        "leeward.infra.permissions.grants.resource_usage": ("TaskUsage",),
        "leeward.infra.permissions.grants.shared_grants": (
            "grant_journal",
            "grant_reads",
        ),
        "leeward.state_machines.deployment.permission_probes.probed_call": ("ProbedCall",),
    },
    "Tasks": {
        "leeward.lambdas.runtime.task": ("task",),
        "leeward.lambdas.runtime.invocation.task_context": ("TaskContext",),
        "leeward.lambdas.runtime.invocation.task_events": (
            "Parameters",
            "RegionalParameters",
            "WaitingEvent",
        ),
        "leeward.common.polling": ("PollResult",),
        "leeward.common.task_calls.confirmation": ("confirm_done",),
        "leeward.common.aws.clients": (
            "client",
            "translate_errors",
        ),
        "leeward.common.errors": (
            "AccessDenied",
            "InvalidInput",
            "LeewardError",
            "NotFound",
            "NotReady",
            "Permanent",
            "QuotaExceeded",
            "Refused",
            "SurprisingAnswer",
            "Throttled",
            "Transient",
        ),
    },
    "What a task reports": {
        "leeward.common.claims.types.claim": ("Claim",),
        "leeward.common.claims.types.data_claims": (
            "Arrived",
            "Fenced",
            "ReplicasReady",
        ),
        "leeward.common.claims.types.run_claims": (
            "Changed",
            "Locked",
            "Notified",
            "Ready",
        ),
        "leeward.common.claims.types.server_claims": (
            "Deferred",
            "Launched",
            "LaunchedServer",
            "Launching",
            "Protected",
            "Replicating",
            "Reversed",
            "Terminated",
        ),
        "leeward.common.claims.types.traffic_claims": (
            "ControlsSwitched",
            "Deregistered",
            "PagesServed",
            "Registered",
            "ServiceSwitched",
            "TransactionServed",
            "WeightsSet",
        ),
    },
    "Readiness": {
        "leeward.readiness.model.readiness_check": ("ReadinessCheck",),
        "leeward.readiness.model.readiness_input": ("ReadinessInput",),
        "leeward.readiness.model.check_clients": ("CheckClients",),
        "leeward.readiness.model.findings": (
            "ReadinessFinding",
            "failed",
            "ok",
            "unknown",
            "warning",
        ),
    },
    "Rehearsals": {
        "leeward.rehearsal.worlds.component_worlds": ("ComponentWorld",),
        "leeward.rehearsal.invariants.invariant": ("Invariant",),
        "leeward.rehearsal.invariants.run_record": ("RunRecord",),
        "leeward.rehearsal.results.reports.invariant_report": ("InvariantReport",),
        "leeward.twin.aws.service_framework.backend_hooks": ("BackendHooks",),
        "leeward.twin.aws.service_framework.service_plugin": (
            "AwsError",
            "ServiceBackend",
            "add_service",
        ),
    },
    "Reports": {
        "leeward.evidence.model": ("Evidence",),
        "leeward.report.report_section": ("ReportSection",),
    },
}
TOPICS: Final[Mapping[str, tuple[str, ...]]] = {
    topic: tuple(name for names in modules.values() for name in names) for topic, modules in _NAMES_BY_MODULE.items()
}
HOMES: Final[Mapping[str, str]] = {
    name: module for modules in _NAMES_BY_MODULE.values() for module, names in modules.items() for name in names
}
