"""Jobs and their logs, as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.model import Job, LogItem, Participant
from leeward.twin.aws.drs.times import iso

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import JobLogEventDataTypeDef, JobLogTypeDef, JobTypeDef, ParticipatingServerTypeDef


def job(record: Job) -> JobTypeDef:
    """As in DescribeJobs."""
    view: JobTypeDef = {
        "jobID": record.job_id,
        "arn": record.arn,
        "type": record.kind,
        "initiatedBy": record.initiated_by,
        "creationDateTime": iso(record.created_at),
        "status": record.status,
        "participatingServers": [_participant(p) for p in record.participants],
        "tags": dict(record.tags),
    }
    if record.ended_at:
        view["endDateTime"] = iso(record.ended_at)
    return view


def log_item(item: LogItem) -> JobLogTypeDef:
    """As in DescribeJobLogItems."""
    data: JobLogEventDataTypeDef = {}
    if item.server_id:
        data["sourceServerID"] = item.server_id
    if item.instance_id:
        data["targetInstanceID"] = item.instance_id
    if item.raw_error:
        data["rawError"] = item.raw_error
    view: JobLogTypeDef = {"logDateTime": iso(item.at), "event": item.event}
    if data:
        view["eventData"] = data
    return view


def _participant(participant: Participant) -> ParticipatingServerTypeDef:
    view: ParticipatingServerTypeDef = {
        "sourceServerID": participant.server_id,
        "launchStatus": participant.status,
    }
    if participant.recovery_instance_id:
        view["recoveryInstanceID"] = participant.recovery_instance_id
    return view
