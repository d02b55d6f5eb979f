"""The kinds that Leeward brings: a module per step kind in `steps`, and a module per component in `components`."""

from __future__ import annotations

from leeward.kinds.descriptors.plugin import Plugin, ServiceSimulation

PLUGIN = Plugin(
    name="leeward",
    step_kinds=f"{__name__}.steps",
    components=f"{__name__}.components",
    readiness_checks=(
        "leeward.readiness.checks.server_replication:CHECK",
        "leeward.readiness.checks.launch_settings:CHECK",
        "leeward.readiness.checks.service_quotas:CHECK",
        "leeward.readiness.checks.global_tables:CHECK",
        "leeward.readiness.checks.rest_apis:CHECK",
        "leeward.readiness.checks.routing_controls:CHECK",
        "leeward.readiness.checks.routing_control_records:CHECK",
        "leeward.readiness.checks.declared_records:CHECK",
        "leeward.readiness.checks.load_balancers:CHECK",
        "leeward.readiness.checks.state_machine_definitions:CHECK",
        "leeward.readiness.checks.task_permissions:CHECK",
        "leeward.readiness.checks.deployment:CHECK",
        "leeward.readiness.checks.drill_history:CHECK",
    ),
    invariants=(
        "leeward.rehearsal.invariants.single_writer:INVARIANT",
        "leeward.rehearsal.invariants.served:INVARIANT",
        "leeward.rehearsal.invariants.exactly_once:INVARIANT",
        "leeward.rehearsal.invariants.static_stability:INVARIANT",
        "leeward.rehearsal.invariants.truth:INVARIANT",
        "leeward.rehearsal.invariants.claims:INVARIANT",
        "leeward.rehearsal.invariants.protected:INVARIANT",
        "leeward.rehearsal.invariants.no_orphan:INVARIANT",
        "leeward.rehearsal.invariants.quota:INVARIANT",
        "leeward.rehearsal.invariants.drill_isolation:INVARIANT",
        "leeward.rehearsal.invariants.acknowledged:INVARIANT",
        "leeward.rehearsal.invariants.bounded:INVARIANT",
        "leeward.rehearsal.invariants.permitted:INVARIANT",
    ),
    simulated_services=(
        ServiceSimulation("drs"),
        ServiceSimulation("route53-recovery-cluster"),
        ServiceSimulation("route53-recovery-control-config"),
    ),
)
