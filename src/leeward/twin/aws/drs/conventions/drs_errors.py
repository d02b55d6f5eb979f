"""Errors of `drs`, named as in its service model."""

from __future__ import annotations

from leeward.twin.aws.service_framework.service_plugin import AwsError

# The message that AWS documents for a server that takes part in a job.
SERVER_IN_JOB_MESSAGE = "One or more of the Source Servers included in API call are currently being processed by a Job"


class ConflictException(AwsError):
    """409: the state of the resource doesn't allow the operation. Members: resourceId, resourceType."""

    code = "ConflictException"


class ResourceNotFoundException(AwsError):
    """404: the resource doesn't exist. Members: resourceId, resourceType."""

    code = "ResourceNotFoundException"


class ServiceQuotaExceededException(AwsError):
    """402: a service quota is exceeded. Members: resourceId, resourceType, serviceCode, quotaCode."""

    code = "ServiceQuotaExceededException"


class ThrottlingException(AwsError):
    """429: too many calls. Members: retryAfterSeconds (a string, as in the model), serviceCode, quotaCode."""

    code = "ThrottlingException"


class InternalServerException(AwsError):
    """500: internal error. Member: retryAfterSeconds (a number)."""

    code = "InternalServerException"


class UninitializedAccountException(AwsError):
    """400: `InitializeService` was never called in this Region."""

    code = "UninitializedAccountException"


def conflict_error(message: str, resource_id: str, resource_type: str = "SourceServer") -> ConflictException:
    """Return a ConflictException for a resource."""
    return ConflictException(message, code=ConflictException.code, resourceId=resource_id, resourceType=resource_type)


def not_found_error(resource_id: str, resource_type: str = "SourceServer") -> ResourceNotFoundException:
    """Return a ResourceNotFoundException for a resource."""
    return ResourceNotFoundException(
        f"{resource_type} {resource_id} was not found",
        code=ResourceNotFoundException.code,
        resourceId=resource_id,
        resourceType=resource_type,
    )
