"""The names that packages outside Leeward may import. Everything else is private and may change.

These names are stable: within a major version, they keep their meaning, and functions keep accepting their arguments.
docs/extending.md shows how they work together.

A name loads its module when it is first used, so that a plug-in's Lambda function needs only what it calls, and reading
a plug-in's descriptors loads neither the compiler nor the twin.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from leeward.api.public_names import HOMES

if TYPE_CHECKING:
    from leeward.common.aws.clients import client, translate_errors
    from leeward.common.claims.types.claim import Claim
    from leeward.common.claims.types.data_claims import Arrived, Fenced, ReplicasReady
    from leeward.common.claims.types.run_claims import Changed, Locked, Notified, Ready
    from leeward.common.claims.types.server_claims import (
        Deferred,
        Launched,
        LaunchedServer,
        Launching,
        Protected,
        Replicating,
        Reversed,
        Terminated,
    )
    from leeward.common.claims.types.traffic_claims import (
        ControlsSwitched,
        Deregistered,
        PagesServed,
        Registered,
        ServiceSwitched,
        TransactionServed,
        WeightsSet,
    )
    from leeward.common.errors import (
        AccessDenied,
        InvalidInput,
        LeewardError,
        NotFound,
        NotReady,
        Permanent,
        QuotaExceeded,
        Refused,
        SurprisingAnswer,
        Throttled,
        Transient,
    )
    from leeward.common.polling import PollResult
    from leeward.common.task_calls.confirmation import confirm_done
    from leeward.evidence.model import Evidence
    from leeward.infra.permissions.grants.permission import Permission
    from leeward.infra.permissions.grants.resource_usage import TaskUsage
    from leeward.infra.permissions.grants.shared_grants import grant_journal, grant_reads
    from leeward.kinds.descriptors.component_kind import ComponentKind
    from leeward.kinds.descriptors.effects import Effect
    from leeward.kinds.descriptors.plugin import Plugin, ServiceSimulation
    from leeward.kinds.descriptors.resources import ChangedResource
    from leeward.kinds.descriptors.step_kind import PlannedTime, ServiceUse, StepKind, Task, Undo
    from leeward.lambdas.runtime.invocation.task_context import TaskContext
    from leeward.lambdas.runtime.invocation.task_events import Parameters, RegionalParameters, WaitingEvent
    from leeward.lambdas.runtime.task import task
    from leeward.readiness.model.check_clients import CheckClients
    from leeward.readiness.model.findings import ReadinessFinding, failed, ok, unknown, warning
    from leeward.readiness.model.readiness_check import ReadinessCheck
    from leeward.readiness.model.readiness_input import ReadinessInput
    from leeward.rehearsal.invariants.invariant import Invariant
    from leeward.rehearsal.invariants.run_record import RunRecord
    from leeward.rehearsal.results.reports.invariant_report import InvariantReport
    from leeward.rehearsal.worlds.component_worlds import ComponentWorld
    from leeward.report.report_section import ReportSection
    from leeward.state_machines.application.application_document import Application
    from leeward.state_machines.application.run_direction import RunDirection, RunRegions, Side
    from leeward.state_machines.asl.serialization.json_types import Json, JsonObject
    from leeward.state_machines.component_kinds.component_model import ComponentModel
    from leeward.state_machines.component_kinds.cost_items import CostItem, MonthCost
    from leeward.state_machines.deployment.permission_probes.probed_call import ProbedCall
    from leeward.state_machines.diagnostics.document_locations import DocumentLocation
    from leeward.state_machines.diagnostics.problems import DocumentProblem
    from leeward.state_machines.fields.field_types import (
        AccountId,
        ArnPerRegion,
        ArnText,
        Duration,
        HostName,
        RegionName,
        ShortText,
        Slug,
        Url,
    )
    from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
    from leeward.state_machines.fragments.patterns.single_action import build_short_wait, build_single_wait
    from leeward.state_machines.fragments.step_context import Fragment, StepContext
    from leeward.state_machines.rules.arn_rules import check_arn, check_distinct, check_regions
    from leeward.state_machines.rules.step_scope import StepScope, check_component_kind
    from leeward.state_machines.step_kinds.plan_values import QuotaUse, StatedTime
    from leeward.state_machines.step_kinds.step_effects import (
        ApprovalQuestion,
        CopyDiscard,
        CopyWait,
        DrillEnd,
        Launch,
        OriginOverwrite,
        Registration,
        Removal,
        Reversal,
        ServiceCheck,
        ServiceRestored,
        StepEffect,
        TargetChange,
        UserMove,
        WriteFence,
        WritesWait,
    )
    from leeward.state_machines.step_kinds.step_model import StepModel
    from leeward.twin.aws.service_framework.backend_hooks import BackendHooks
    from leeward.twin.aws.service_framework.service_plugin import AwsError, ServiceBackend, add_service

__all__ = [
    "AccessDenied",
    "AccountId",
    "Application",
    "ApprovalQuestion",
    "ArnPerRegion",
    "ArnText",
    "Arrived",
    "AwsError",
    "BackendHooks",
    "Changed",
    "ChangedResource",
    "CheckClients",
    "Claim",
    "ComponentKind",
    "ComponentModel",
    "ComponentWorld",
    "ControlsSwitched",
    "CopyDiscard",
    "CopyWait",
    "CostItem",
    "Deferred",
    "Deregistered",
    "DocumentLocation",
    "DocumentProblem",
    "DrillEnd",
    "Duration",
    "Effect",
    "Evidence",
    "Fenced",
    "Fragment",
    "HostName",
    "InvalidInput",
    "Invariant",
    "InvariantReport",
    "Json",
    "JsonObject",
    "Launch",
    "Launched",
    "LaunchedServer",
    "Launching",
    "LeewardError",
    "Locked",
    "MonthCost",
    "NotFound",
    "NotReady",
    "Notified",
    "OriginOverwrite",
    "PagesServed",
    "Parameters",
    "Permanent",
    "Permission",
    "PlannedTime",
    "Plugin",
    "PollInterval",
    "PollResult",
    "ProbedCall",
    "Protected",
    "QuotaExceeded",
    "QuotaUse",
    "ReadinessCheck",
    "ReadinessFinding",
    "ReadinessInput",
    "Ready",
    "Refused",
    "RegionName",
    "RegionalParameters",
    "Registered",
    "Registration",
    "Removal",
    "ReplicasReady",
    "Replicating",
    "ReportSection",
    "Reversal",
    "Reversed",
    "RunDirection",
    "RunRecord",
    "RunRegions",
    "ServiceBackend",
    "ServiceCheck",
    "ServiceRestored",
    "ServiceSimulation",
    "ServiceSwitched",
    "ServiceUse",
    "ShortText",
    "Side",
    "Slug",
    "StatedTime",
    "StepContext",
    "StepEffect",
    "StepKind",
    "StepModel",
    "StepScope",
    "SurprisingAnswer",
    "TargetChange",
    "Task",
    "TaskContext",
    "TaskUsage",
    "Terminated",
    "Throttled",
    "TransactionServed",
    "Transient",
    "Undo",
    "Url",
    "UserMove",
    "WaitingEvent",
    "WeightsSet",
    "WriteFence",
    "WritesWait",
    "add_service",
    "build_short_wait",
    "build_single_wait",
    "check_arn",
    "check_component_kind",
    "check_distinct",
    "check_regions",
    "client",
    "confirm_done",
    "failed",
    "grant_journal",
    "grant_reads",
    "ok",
    "task",
    "translate_errors",
    "unknown",
    "warning",
]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"leeward.api has no {name}. It has: {', '.join(sorted(HOMES))}")
    value = getattr(import_module(HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *HOMES})
