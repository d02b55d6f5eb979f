"""The kinds of AWS resources that steps create, change, and delete.

A rehearsal compares the state before and after a run without faults. Every difference must be of a kind that a step of
the runbook declares.
"""

from __future__ import annotations

from enum import StrEnum


class ChangedResource(StrEnum):
    """One kind of resource that a step may leave in another state. `StepKind.changes` lists those of a kind."""

    INSTANCES = "EC2 instances with their volumes and network interfaces"
    TERMINATION_PROTECTION = "termination protection of EC2 instances"
    LAUNCH_SETTINGS = "DRS launch settings and EC2 launch templates"
    RECOVERY_INSTANCES = "DRS recovery instances and the last launch of their source servers"
    SOURCE_SERVERS = "DRS source servers and their replication"
    TARGETS = "registered targets of load balancers"
    ROUTING_CONTROLS = "states of ARC routing controls"
    DNS_WEIGHTS = "weights of Route 53 records"
    REGION_SWITCH = "the switch of a Region, which fences writes and takes the Region out of service"
    APPLICATION_DATA = "rows that the application writes for a check"
    ANY = "anything, because a team's own function decides"
