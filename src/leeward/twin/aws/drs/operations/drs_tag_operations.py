"""API operations on the tags of all DRS resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.service_framework.service_plugin import OperationResult

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        ListTagsForResourceRequestTypeDef,
        TagResourceRequestTypeDef,
        UntagResourceRequestTypeDef,
    )


class DrsTagOperations(DrsRegionState):
    """Mixin for the backend. Each method implements one operation and raises the errors in its model."""

    def list_tags_for_resource(self, params: ListTagsForResourceRequestTypeDef) -> OperationResult:
        """Implement ListTagsForResource."""
        return {"tags": dict(self._get_tags(params["resourceArn"]))}

    def tag_resource(self, params: TagResourceRequestTypeDef) -> OperationResult:
        """Implement TagResource."""
        self._get_tags(params["resourceArn"]).update(params["tags"])
        return {}

    def untag_resource(self, params: UntagResourceRequestTypeDef) -> OperationResult:
        """Implement UntagResource. Ignores keys that don't exist."""
        tags = self._get_tags(params["resourceArn"])
        for key in params["tagKeys"]:
            tags.pop(key, None)
        return {}

    def _get_tags(self, arn: str) -> dict[str, str]:
        """Return the resource's tags, which the caller can change. Raises ResourceNotFoundException."""
        for record in self.tagged_records():
            if record.arn == arn:
                return record.tags
        raise drs_errors.not_found_error(arn, "Resource")
