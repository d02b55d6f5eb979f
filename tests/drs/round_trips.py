"""A round trip of two web servers, step by step, as a failover and a failback drive it through the handlers.

In AWS's own names: B1 protects A1 from `B`; B2 is the recovery instance there; A2 and A3 are the failback server and
its recovery instance in `A`. A failback runs in A: its run enters A and leaves B.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from leeward.twin.aws.drs import SourceServer
from leeward.twin.aws.drs.state.drs_records import Ec2InstanceRef
from leeward.twin.aws.seeded_services.elbv2_load_balancers import seed_load_balancer, seed_target_group
from tests.support.task_world import (
    ACCOUNT,
    ORIGIN,
    START,
    TARGET,
    TaskWorld,
    open_task_world,
    recover_parameters,
    server_group,
)

A, B = ORIGIN, TARGET
GROUPS = [server_group()]
REVERSE: dict[str, Any] = {"groups": GROUPS, "region": B, "other_region": A, "tags": True, "if_unreachable": "fail"}
RETIRE: dict[str, Any] = {"groups": GROUPS, "region": B, "other_region": A, "lag_seconds": 300}
TERMINATE: dict[str, Any] = {"groups": GROUPS, "region": A, "other_region": B, "keep": "recovered"}


def create_source_instances(world: TaskWorld) -> None:
    """Give the web servers real machines in A, tagged like them."""
    ec2 = world.client("ec2", A)
    for server in world.drs.servers(B):
        tags = [{"Key": key, "Value": value} for key, value in server.tags.items()]
        made = ec2.run_instances(
            ImageId="ami-0d5eff06f840b45e9",
            MinCount=1,
            MaxCount=1,
            TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
        )
        server.origin = Ec2InstanceRef(A, made["Instances"][0]["InstanceId"])


@dataclass
class RoundTrip:
    """The steps of a round trip; each leaves the world as the step of a runbook would."""

    world: TaskWorld

    def fail_over(self) -> None:
        """B2 serves, protected from termination."""
        self.world.run_until_done("drs_recover", **recover_parameters())
        self.world.step("drs_protect", groups=GROUPS)

    def reverse(self, **more: Any) -> str:
        """A2 replicates from B2."""
        return str(self.world.run_until_done("drs_reverse", step="reverse", **REVERSE | more)["detail"])

    def wait(self, region: str, lag: int = 300, **more: Any) -> str:
        """Every server of the group in the Region is in step."""
        asked: dict[str, Any] = {"groups": GROUPS, "region": region, "lag_seconds": lag} | more
        return str(
            self.world.run_until_done("drs_await_replication", step="wait", minutes=180, longest=300, **asked)["detail"]
        )

    def fail_back(self, run: str = "back", **more: Any) -> None:
        """A3 serves, and is protected from termination."""
        self.world.start_new_run(run, origin=B, target=A)
        asked = recover_parameters(region=A, direction="FAILBACK") | more
        self.world.run_until_done("drs_recover", step="back", **asked)
        self.world.step("drs_protect", groups=GROUPS, region=A)

    def reverse_after_failback(self) -> None:
        """B1 protects A4 instead of A1."""
        self.reverse(region=A, other_region=B)
        self.wait(B)

    def until_failed_back(self, run: str = "back") -> RoundTrip:
        """All but the clean-up."""
        self.fail_over()
        self.reverse()
        self.wait(A)
        self.fail_back(run)
        self.reverse_after_failback()
        return self

    def jump_to_failed_back(self) -> RoundTrip:
        """As `until_failed_back`, without the handlers: for drills of the clean-up."""
        b, a = self.world.client("drs", B), self.world.client("drs", A)
        self._launch(b, [server.server_id for server in self.original_servers()])
        protect: dict[str, Any] = {"DisableApiTermination": {"Value": True}}
        for copy in self.world.drs.recovery_instances(B):
            b.reverse_replication(recoveryInstanceID=copy.recovery_instance_id)
            self.world.client("ec2", B).modify_instance_attribute(InstanceId=copy.ec2_instance_id, **protect)
        self.world.advance(2 * 3600)
        self._launch(a, [server.server_id for server in self.world.drs.servers(A)])
        for back in self.world.drs.recovery_instances(A):
            a.reverse_replication(recoveryInstanceID=back.recovery_instance_id)
        self.world.advance(2 * 3600)
        self.world.start_new_run("back", origin=B, target=A)
        return self

    def _launch(self, drs: Any, servers: list[str]) -> None:
        drs.start_recovery(isDrill=False, sourceServers=[{"sourceServerID": server} for server in servers])
        self.world.advance(1800)

    def retire(self, **more: Any) -> str:
        """Nothing of the failover is left in B, nor its way back in A."""
        return str(self.world.run_until_done("drs_retire", step="retire", **RETIRE | more)["detail"])

    @property
    def retire_event(self) -> dict[str, Any]:
        """The event's parameters, for single looks."""
        return {"step": "retire", **RETIRE}

    def terminate(self) -> str:
        """The machines that were left behind in A are ended."""
        return str(self.world.run_until_done("ec2_terminate", step="terminate", **TERMINATE)["detail"])

    def poll_reverse(self) -> dict[str, Any]:
        """One look of the reversal."""
        return self.world.poll_once("drs_reverse", step="reverse", **REVERSE)

    def wait_event(self, region: str) -> dict[str, Any]:
        """The event of one look of the wait."""
        poll = {"first_seconds": 10, "longest_seconds": 30, "timeout_seconds": 9000}
        return self.world.event(groups=GROUPS, region=region, lag_seconds=300) | {"poll": poll}

    # -- what is there ----------------------------------------------------------------------------

    def original_servers(self) -> list[SourceServer]:
        """The web servers' own."""
        return [server for server in self.world.drs.servers(B) if server.tags["Role"] == "web"]

    def remaining_counts(self) -> tuple[int, int, int]:
        """Recovery instances in B, recovery instances in A, failback servers in A."""
        drs = self.world.drs
        return len(drs.recovery_instances(B)), len(drs.recovery_instances(A)), len(drs.servers(A))

    def recovered_instances(self) -> set[str]:
        """The machines in A that a failback launched, while DRS has them on record."""
        return {i.ec2_instance_id for i in self.world.drs.recovery_instances(A)}

    def is_initial_state(self) -> bool:
        """One server per machine, in step with the machine that runs in A; nothing left over."""
        now = self.world.engine.clock.now()
        running = self.instances(A, "running")
        return self.remaining_counts() == (0, 0, 0) and all(
            server.replication.state(now) == "CONTINUOUS" and server.origin.instance_id in running
            for server in self.original_servers()
        )

    def origin_load_balancer(self, arn: str) -> None:
        """One in A, with the web servers' own machines behind it."""
        seed_target_group(arn, port=80)
        seed_load_balancer(ACCOUNT, A, f"website-1.{A}.elb.amazonaws.com", {"/*": arn})
        targets = [{"Id": server.origin.instance_id, "Port": 80} for server in self.original_servers()]
        self.world.client("elbv2", A).register_targets(TargetGroupArn=arn, Targets=targets)

    def instances(self, region: str, *states: str) -> set[str]:
        """EC2's own record of the web machines."""
        pages = self.world.client("ec2", region).describe_instances(
            Filters=[{"Name": "tag:Role", "Values": ["web"]}, {"Name": "instance-state-name", "Values": list(states)}]
        )
        return {i["InstanceId"] for r in pages["Reservations"] for i in r["Instances"]}


@contextmanager
def open_round_trip() -> Iterator[RoundTrip]:
    """The initial state: two web servers and a database run in A, and replicate to B since yesterday."""
    with open_task_world() as made:
        made.servers("web-1", "web-2", "database")
        made.engine.clock.sleep((START - made.engine.clock.now()).total_seconds())
        create_source_instances(made)
        yield RoundTrip(made)


@contextmanager
def failed_back_world(*roles: str) -> Iterator[RoundTrip]:
    """A world in which the servers have failed back and the clean-up is all that is left."""
    with open_task_world() as made:
        made.servers(*roles)
        made.engine.clock.sleep((START - made.engine.clock.now()).total_seconds())
        create_source_instances(made)
        yield RoundTrip(made).jump_to_failed_back()
