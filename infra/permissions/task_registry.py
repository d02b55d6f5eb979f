"""Every task with the function that declares its permissions.

A task without a declaration can't be deployed. A test compares this list with `lambdas/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.tasks import data_tasks, recovery_tasks, run_tasks, traffic_tasks, trigger_tasks

PermissionDeclaration: TypeAlias = Callable[[TaskUsage], list[Permission]]

TASK_PERMISSIONS: Mapping[str, PermissionDeclaration] = {
    "alb_deregister": traffic_tasks.alb_deregister,
    "alb_register": traffic_tasks.alb_register,
    "answer": run_tasks.answer,
    "api_switch": data_tasks.api_switch,
    "api_transaction": data_tasks.api_transaction,
    "approval_request": run_tasks.ask,
    "arc_route": traffic_tasks.arc_route,
    "ask": run_tasks.ask,
    "board": trigger_tasks.board,
    "drill_watch": trigger_tasks.drill_watch,
    "drs_await_replication": recovery_tasks.drs_await_replication,
    "drs_discard": recovery_tasks.drs_discard,
    "drs_launch_into": recovery_tasks.drs_launch_into,
    "drs_protect": recovery_tasks.drs_protect,
    "drs_recover": recovery_tasks.drs_recover,
    "drs_recover_undo": recovery_tasks.drs_recover_undo,
    "drs_recovery_plan": recovery_tasks.drs_recovery_plan,
    "drs_retire": recovery_tasks.drs_retire,
    "drs_reverse": recovery_tasks.drs_reverse,
    "drs_unprotect": recovery_tasks.drs_unprotect,
    "dynamodb_await_replication": data_tasks.dynamodb_await_replication,
    "dynamodb_check_replicas": data_tasks.dynamodb_check_replicas,
    "ec2_terminate": recovery_tasks.ec2_terminate,
    "http_check": traffic_tasks.http_check,
    "lock_acquire": run_tasks.lock_acquire,
    "notify": run_tasks.notify,
    "preflight": recovery_tasks.preflight,
    "probe": trigger_tasks.probe,
    "readiness": trigger_tasks.readiness,
    "record_failure": run_tasks.record_failure,
    "route53_shift": traffic_tasks.route53_shift,
    "route53_weights": traffic_tasks.route53_weights,
    "run_begin": run_tasks.run_begin,
    "run_end": run_tasks.run_end,
    "run_stop": run_tasks.run_stop,
    "run_watch": trigger_tasks.run_watch,
    "start": trigger_tasks.start,
    "start_drill": trigger_tasks.start_drill,
}

# Called by an operator or by AWS instead of a state machine, so they are deployed in every Region of every application.
ALWAYS_DEPLOYED = ("answer",)
