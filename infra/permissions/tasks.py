"""The declarations, by task. A task without one can't be deployed: a test holds them against `lambdas/`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from leeward.infra.permissions import data, recovery, run, traffic, triggers
from leeward.infra.permissions.model import Permission
from leeward.infra.permissions.uses import Uses

Declaration: TypeAlias = Callable[[Uses], list[Permission]]

TASKS: Mapping[str, Declaration] = {
    "alb_deregister": traffic.alb_deregister,
    "alb_register": traffic.alb_register,
    "answer": run.answer,
    "api_switch": data.api_switch,
    "api_transaction": data.api_transaction,
    "approval_request": run.ask,
    "arc_route": traffic.arc_route,
    "ask": run.ask,
    "board": triggers.board,
    "drill_watch": triggers.drill_watch,
    "drs_await_replication": recovery.drs_await_replication,
    "drs_discard": recovery.drs_discard,
    "drs_launch_into": recovery.drs_launch_into,
    "drs_protect": recovery.drs_protect,
    "drs_recover": recovery.drs_recover,
    "drs_recover_undo": recovery.drs_recover_undo,
    "drs_recovery_plan": recovery.drs_recovery_plan,
    "drs_retire": recovery.drs_retire,
    "drs_reverse": recovery.drs_reverse,
    "drs_unprotect": recovery.drs_unprotect,
    "dynamodb_await_replication": data.dynamodb_await_replication,
    "dynamodb_check_replicas": data.dynamodb_check_replicas,
    "ec2_terminate": recovery.ec2_terminate,
    "http_check": traffic.http_check,
    "lock_acquire": run.lock_acquire,
    "notify": run.notify,
    "preflight": recovery.preflight,
    "probe": triggers.probe,
    "readiness": triggers.readiness,
    "record_failure": run.record_failure,
    "route53_shift": traffic.route53_shift,
    "route53_weights": traffic.route53_weights,
    "run_begin": run.run_begin,
    "run_end": run.run_end,
    "run_stop": run.run_stop,
    "run_watch": triggers.run_watch,
    "start": triggers.start,
    "start_drill": triggers.start_drill,
}

# Called by a person or by AWS, not by a state machine: they stand in every Region of every application.
STANDING = ("answer",)
