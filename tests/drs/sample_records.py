"""Answers of DRS as models, for the pure decisions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from leeward.drs.api.models import Job, RecoveryInstance, SourceServer
from leeward.drs.api.states import Ec2State
from leeward.drs.inventory.recovery_instances import Ec2Instance
from leeward.drs.inventory.recovery_jobs import job_tags
from leeward.drs.launch.launch_intents import LaunchIntent
from leeward.drs.launch.server_status import ObservedState, RecoveryRequest

NOW = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
BEGAN = NOW - timedelta(minutes=30)
LATER = NOW + timedelta(hours=1)
REQUEST = RecoveryRequest(run="r", started_at=BEGAN, step="s", group="g", attempt=1, is_drill=False)


def _received(record: dict[str, Any]) -> Any:
    """Return the record as if it came from AWS, with texts that are equal but not identical to those of the test."""
    return json.loads(json.dumps(record, default=str))


def server(number: int = 1, state: str = "CONTINUOUS", **more: Any) -> SourceServer:
    given = {
        "sourceServerID": f"s-{number}",
        "tags": {"Name": f"web-{number}"},
        "dataReplicationInfo": {"dataReplicationState": state},
    }
    return SourceServer.model_validate(_received(given | more))


def job(name: str, statuses: dict[int, str], *, attempt: int = 1, run: str = "r", **more: Any) -> Job:
    """A launch job of the run; `statuses`: server number to launch status."""
    given = {
        "jobID": name,
        "type": "LAUNCH",
        "initiatedBy": "START_RECOVERY",
        "status": "STARTED",
        "creationDateTime": BEGAN.isoformat(),
        "participatingServers": [
            {"sourceServerID": f"s-{number}", "launchStatus": status} for number, status in statuses.items()
        ],
        "tags": job_tags(run, "s", "g", attempt, 1),
    }
    return Job.model_validate(_received(given | more))


def ended_job(name: str, statuses: dict[int, str], minutes_ago: float = 10, **more: Any) -> Job:
    at = NOW - timedelta(minutes=minutes_ago)
    return job(name, statuses, **({"status": "COMPLETED", "endDateTime": at.isoformat()} | more))


def instance(number: int = 1, by: str = "j", state: str = "RUNNING", **more: Any) -> RecoveryInstance:
    given = {
        "recoveryInstanceID": f"ri-{number}",
        "sourceServerID": f"s-{number}",
        "ec2InstanceID": f"i-{number}",
        "ec2InstanceState": state,
        "jobID": by,
        "isDrill": False,
    }
    return RecoveryInstance.model_validate(_received(given | more))


def ec2_instance(
    number: int = 1, state: Ec2State = Ec2State.RUNNING, checks: tuple[str, ...] = ("ok", "ok")
) -> Ec2Instance:
    return Ec2Instance(f"i-{number}", state, checks)


def intent(number: int, *servers: int, seconds_ago: float = 30, job: str | None = None) -> LaunchIntent:
    return LaunchIntent(number, tuple(f"s-{n}" for n in servers), NOW - timedelta(seconds=seconds_ago), "someone", job)


def observed_state(
    servers: list[SourceServer],
    jobs: list[Job] | None = None,
    instances: list[RecoveryInstance] | None = None,
    machines: list[Ec2Instance] | None = None,
    intents: list[LaunchIntent] | None = None,
) -> ObservedState:
    return ObservedState(servers, jobs or [], intents or [], instances or [], {m.id: m for m in machines or []}, NOW)


def protecting(number: int, machine: str | None, region: str = "a", **more: Any) -> SourceServer:
    """A server of the group `web` in Region b that protects a machine in Region a."""
    given: dict[str, Any] = {
        "arn": f"arn:b{number}",
        "tags": {"Name": f"web-{number}", "Role": "web"},
        "sourceProperties": {"identificationHints": {"awsInstanceID": machine} if machine else {}},
        "sourceCloudProperties": {"originRegion": region},
    }
    return server(number, **given | more)
