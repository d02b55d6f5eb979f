"""Errors of both routing control services, named as in their service models."""

from __future__ import annotations

from leeward.twin.aws.service_framework.service_plugin import AwsError


class ArcConflictException(AwsError):
    """A safety rule forbids the change, or a resource is in use. Data plane members: resourceId, resourceType."""

    code = "ConflictException"


class ArcResourceNotFoundException(AwsError):
    """The resource doesn't exist. Data plane members: resourceId, resourceType."""

    code = "ResourceNotFoundException"


class EndpointTemporarilyUnavailableException(AwsError):
    """This cluster endpoint is unavailable. The caller should try another endpoint."""

    code = "EndpointTemporarilyUnavailableException"


class ArcThrottlingException(AwsError):
    """Too many state-changing calls to one endpoint. Member: retryAfterSeconds."""

    code = "ThrottlingException"


class ServiceLimitExceededException(AwsError):
    """The transaction has more than ten states. Members: limitCode, serviceCode."""

    code = "ServiceLimitExceededException"


class ArcQuotaExceededException(AwsError):
    """The account has reached its quota of clusters."""

    code = "ServiceQuotaExceededException"
