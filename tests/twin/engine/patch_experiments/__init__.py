"""One experiment per patch: what it observes with the patch, and in an engine that lacks just that patch.

Run as a module it prints, as JSON, what each experiment observes in an engine that lacks just that one patch.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from leeward.rehearsal.worlds.world_builder import PATCHES  # with the patch that rehearsals add
from leeward.twin.patching.patch_set import PatchSet, patch_name

Experiment = Callable[[], Any]
_ELSEWHERE = {
    "redrive_api": "redrive_evaluation",
    "json_responses": "request_overhead",
    **dict.fromkeys(("runtime_patching", "service_models", "urllib3_interceptor", "task_clients"), "process_patches"),
    **dict.fromkeys(("lambda_backend", "caller_errors"), "lambda_patches"),
    **dict.fromkeys(("write_capture", "query_index", "replica_description"), "table_patches"),
    **dict.fromkeys(
        ("ec2_status_checks", "ec2_power_events", "elbv2_target_health", "route53_changes", "route53_health_checks",
         "service_quotas", "policy_simulation", "service_plugin"), "aws_patches"
    ),
}  # fmt: skip


def leave_out(name: str) -> PatchSet:
    """Return a set of every patch but one. Only tests leave a patch out."""
    kept = [patch for patch in PATCHES.patches if patch_name(patch) != name]
    repeated = [patch for patch in kept if patch in PATCHES._repeated]
    return PatchSet([patch for patch in kept if patch not in repeated], repeated)


def _experiment(name: str) -> Experiment | None:
    module, function = name.split(".")
    found: Experiment | None = getattr(import_module(f"{__name__}.{_ELSEWHERE.get(module, module)}"), function, None)
    return found


EXPERIMENTS: dict[str, Experiment] = {name: found for name in PATCHES.names if (found := _experiment(name)) is not None}
