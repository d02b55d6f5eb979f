"""Converts jobs and job logs to DRS API responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions.timestamps import format_timestamp
from leeward.twin.aws.drs.state.drs_records import Job, LogItem, Participant

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import JobLogEventDataTypeDef, JobLogTypeDef, JobTypeDef, ParticipatingServerTypeDef


def job_view(record: Job) -> JobTypeDef:
    """Return the job as an item of DescribeJobs."""
    view: JobTypeDef = {
        "jobID": record.job_id,
        "arn": record.arn,
        "type": record.kind,
        "initiatedBy": record.initiated_by,
        "creationDateTime": format_timestamp(record.created_at),
        "status": record.status,
        "participatingServers": [_participant_view(p) for p in record.participants],
        "tags": dict(record.tags),
    }
    if record.ended_at:
        view["endDateTime"] = format_timestamp(record.ended_at)
    return view


def log_item_view(item: LogItem) -> JobLogTypeDef:
    """Return the log item as an item of DescribeJobLogItems."""
    data: JobLogEventDataTypeDef = {}
    if item.server_id:
        data["sourceServerID"] = item.server_id
    if item.instance_id:
        data["targetInstanceID"] = item.instance_id
    if item.raw_error:
        data["rawError"] = item.raw_error
    view: JobLogTypeDef = {"logDateTime": format_timestamp(item.at), "event": item.event}
    if data:
        view["eventData"] = data
    return view


def _participant_view(participant: Participant) -> ParticipatingServerTypeDef:
    view: ParticipatingServerTypeDef = {
        "sourceServerID": participant.server_id,
        "launchStatus": participant.status,
    }
    if participant.recovery_instance_id:
        view["recoveryInstanceID"] = participant.recovery_instance_id
    return view
