"""The errors of both routing-control services, under the names of their service models."""

from __future__ import annotations

from leeward.twin.aws.service_framework.service_plugin import AwsError


class ArcConflictException(AwsError):
    """A safety rule forbids the change (data plane: with resourceId and resourceType), or a resource is in use."""

    code = "ConflictException"


class ArcResourceNotFoundException(AwsError):
    """No such routing control, control panel, cluster or rule. Data plane: with resourceId and resourceType."""

    code = "ResourceNotFoundException"


class EndpointTemporarilyUnavailableException(AwsError):
    """This one of the cluster's endpoints is down: try another."""

    code = "EndpointTemporarilyUnavailableException"


class ArcThrottlingException(AwsError):
    """Too many changing calls to one endpoint. Member: retryAfterSeconds."""

    code = "ThrottlingException"


class ServiceLimitExceededException(AwsError):
    """More than ten states in one transaction. Members: limitCode, serviceCode."""

    code = "ServiceLimitExceededException"


class ArcQuotaExceededException(AwsError):
    """More clusters than an account may have."""

    code = "ServiceQuotaExceededException"
