"""Operations on tags of whatever DRS keeps under an ARN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.state import RegionState
from leeward.twin.aws.plugin import Answer

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        ListTagsForResourceRequestTypeDef,
        TagResourceRequestTypeDef,
        UntagResourceRequestTypeDef,
    )


class TagOperations(RegionState):
    """Mixed into the backend. Methods are named after the operations and raise what their models list."""

    def list_tags_for_resource(self, params: ListTagsForResourceRequestTypeDef) -> Answer:
        """ListTagsForResource."""
        return {"tags": dict(self._tags(params["resourceArn"]))}

    def tag_resource(self, params: TagResourceRequestTypeDef) -> Answer:
        """TagResource."""
        self._tags(params["resourceArn"]).update(params["tags"])
        return {}

    def untag_resource(self, params: UntagResourceRequestTypeDef) -> Answer:
        """UntagResource. A key that is not there is fine."""
        tags = self._tags(params["resourceArn"])
        for key in params["tagKeys"]:
            tags.pop(key, None)
        return {}

    def _tags(self, arn: str) -> dict[str, str]:
        """The live tags of the resource. Raises ResourceNotFoundException."""
        for record in self.tagged():
            if record.arn == arn:
                return record.tags
        raise errors.no_such(arn, "Resource")
