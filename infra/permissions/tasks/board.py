"""The permissions of the task `board`."""

from __future__ import annotations

from leeward.infra.permissions.grants.permission import Permission
from leeward.infra.permissions.grants.resource_usage import TaskUsage
from leeward.infra.permissions.grants.shared_grants import grant_table


def permissions(usage: TaskUsage) -> list[Permission]:
    """Return permissions to read the table of the function's own Region and to write the board's objects."""
    objects = tuple(f"arn:aws:s3:::{bucket}/*" for bucket in usage.collect_values("bucket"))
    return [
        *grant_table(usage, "Query"),
        Permission(
            ("s3:PutObject",),
            objects,
            # Bucket names are global, so require that the bucket belongs to this account.
            {"StringEquals": {"aws:ResourceAccount": usage.account}},
            reason="the board's pages and their data",
        ),
        # S3 calls KMS with the role's credentials, for the bucket's key.
        Permission(
            ("kms:Decrypt", "kms:GenerateDataKey"),
            (usage.region_resources.key,),
            {"StringEquals": {"kms:ViaService": f"s3.{usage.region_resources.region}.amazonaws.com"}},
            called_via="s3.amazonaws.com",
        ),
    ]
