"""The errors of `drs`, under the names of its service model."""

from __future__ import annotations

from leeward.twin.aws.service_framework.service_plugin import AwsError

# AWS's documented words when a server is busy.
SERVER_IN_JOB_MESSAGE = "One or more of the Source Servers included in API call are currently being processed by a Job"


class ConflictException(AwsError):
    """409: the resource is not in a state that allows this. Members: resourceId, resourceType."""

    code = "ConflictException"


class ResourceNotFoundException(AwsError):
    """404. Members: resourceId, resourceType."""

    code = "ResourceNotFoundException"


class ServiceQuotaExceededException(AwsError):
    """402. Members: resourceId, resourceType, serviceCode, quotaCode."""

    code = "ServiceQuotaExceededException"


class ThrottlingException(AwsError):
    """429. Members: retryAfterSeconds (text, as in the model), serviceCode, quotaCode."""

    code = "ThrottlingException"


class InternalServerException(AwsError):
    """500. Members: retryAfterSeconds (a number)."""

    code = "InternalServerException"


class UninitializedAccountException(AwsError):
    """400: `InitializeService` was never called in this Region."""

    code = "UninitializedAccountException"


def conflict_error(message: str, resource_id: str, resource_type: str = "SourceServer") -> ConflictException:
    """A ConflictException that names its resource."""
    return ConflictException(message, code=ConflictException.code, resourceId=resource_id, resourceType=resource_type)


def not_found_error(resource_id: str, resource_type: str = "SourceServer") -> ResourceNotFoundException:
    """A ResourceNotFoundException that names its resource."""
    return ResourceNotFoundException(
        f"{resource_type} {resource_id} was not found",
        code=ResourceNotFoundException.code,
        resourceId=resource_id,
        resourceType=resource_type,
    )
