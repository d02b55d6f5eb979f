"""What a step does, in terms that rules, summaries, and reports share.

A rule or a message asks for an effect and never for a kind, so that it is also right about a plug-in's kinds.
"""

from __future__ import annotations

from enum import StrEnum


class Effect(StrEnum):
    """One effect of a step. A descriptor lists the effects that its kind can have."""

    CHANGES = "changes resources"
    MOVES_USERS = "moves users"
    TAKES_LOCK = "takes the lock"
    ASKS_APPROVAL = "asks for approval"
    CHECKS_SERVICE = "checks that users are served"
    LAUNCHES = "launches servers"
    LAUNCHES_DRILL = "launches servers as a drill"
    OVERWRITES_ORIGIN = "replaces the origin's servers"
    REVERSES = "reverses replication"
    AWAITS_COPIES = "waits for copies of servers"
    AWAITS_WRITES = "waits for writes to arrive"
    FENCES_WRITES = "fences writes"
    CHANGES_TARGETS = "changes load balancer targets"
    REGISTERS_SERVERS = "registers servers with a load balancer"
    RESTORES_SERVICE = "puts a Region in service"
    ENDS_DRILL = "terminates a drill's instances"
    DISCARDS_COPIES = "deletes a drill's copies"
    REMOVES_SERVERS = "removes servers permanently"
    RETIRES_ORIGIN = "retires the origin's copies"
