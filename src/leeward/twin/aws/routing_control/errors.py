"""The errors of both routing-control services, under the names of their service models."""

from __future__ import annotations

from leeward.twin.aws.plugin import AwsError


class ConflictException(AwsError):
    """A safety rule forbids the change (data plane: with resourceId and resourceType), or a resource is in use."""

    code = "ConflictException"


class ResourceNotFoundException(AwsError):
    """No such routing control, control panel, cluster or rule. Data plane: with resourceId and resourceType."""

    code = "ResourceNotFoundException"


class EndpointTemporarilyUnavailableException(AwsError):
    """This one of the cluster's endpoints is down: try another."""

    code = "EndpointTemporarilyUnavailableException"


class ThrottlingException(AwsError):
    """Too many changing calls to one endpoint. Member: retryAfterSeconds."""

    code = "ThrottlingException"


class ServiceLimitExceededException(AwsError):
    """More than ten states in one transaction. Members: limitCode, serviceCode."""

    code = "ServiceLimitExceededException"


class ServiceQuotaExceededException(AwsError):
    """More clusters than an account may have."""

    code = "ServiceQuotaExceededException"
