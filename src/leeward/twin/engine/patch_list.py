"""Every patch of the process, of moto, and of botocore that is applied while an engine is open.

An engine is the only way to open a simulation, so rehearsals, sweeps, triggered runs, and served twins have the same
patches. Each patch is a function whose docstring says what unpatched moto does.
"""

from __future__ import annotations

from leeward.twin.aws.drs.drs_backend import DRS
from leeward.twin.aws.global_tables import query_index, replica_description, write_capture
from leeward.twin.aws.moto_fixes import (
    ec2_power_events,
    ec2_status_checks,
    elbv2_target_health,
    service_quotas,
)
from leeward.twin.aws.moto_fixes.route53 import route53_changes, route53_health_checks
from leeward.twin.aws.routing_control.cluster_data_plane import ROUTING_CLUSTERS
from leeward.twin.aws.routing_control.control_plane.config_backend import ROUTING_CONFIG
from leeward.twin.aws.seeded_services.apigateway_rest_apis import API_GATEWAY
from leeward.twin.aws.seeded_services.cognito_user_pools import USER_POOLS
from leeward.twin.aws.service_framework import service_models, service_plugin
from leeward.twin.engine.host_process import runtime_patching
from leeward.twin.engine.lambda_runtime import lambda_backend
from leeward.twin.engine.lambda_runtime.faults import caller_errors
from leeward.twin.engine.moto_patches import INTERPRETER_PATCHES
from leeward.twin.interception.plain_http import urllib3_interceptor
from leeward.twin.patching.patch_set import PatchSet
from leeward.twin.policies import policy_simulation

# The services that are added to moto. Plug-ins add others.
ADDED_SERVICES = (DRS, ROUTING_CONFIG, ROUTING_CLUSTERS, API_GATEWAY, USER_POOLS)

PATCHES = PatchSet(
    (
        *service_models.MODEL_PATCHES.patches,
        runtime_patching.sleep_on_virtual_time,
        runtime_patching.draw_random_bytes_from_seed,
        runtime_patching.refuse_threads_of_handlers,
        urllib3_interceptor.answer_plain_requests,
        *INTERPRETER_PATCHES,
        lambda_backend.run_functions_in_process,
        lambda_backend.enforce_reserved_concurrency,
        caller_errors.report_task_state_errors,
        write_capture.report_writes,
        write_capture.copy_touched_items,
        query_index.query_by_index,
        replica_description.describe_replicas,
        ec2_status_checks.delay_status_checks,
        ec2_status_checks.renew_launch_time,
        ec2_power_events.report_power_changes,
        elbv2_target_health.report_checked_health,
        route53_changes.propagate_record_changes,
        route53_health_checks.store_routing_control,
        service_quotas.add_vcpu_quota,
        policy_simulation.add_policy_simulation,
    ),
    # Plug-ins add services later.
    repeated=(service_plugin.route_calls_to_added_services,),
)


def detach_simulation() -> None:
    """Detach the patches from the objects of the simulation that closes."""
    write_capture.set_listener(None)
    replica_description.set_registry(None)
    policy_simulation.set_simulator(None)
    ec2_status_checks.set_draws(None)
    route53_changes.set_draws(None)
