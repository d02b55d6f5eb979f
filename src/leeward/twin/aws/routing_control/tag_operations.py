"""Operations on tags of clusters, control panels and safety rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.plugin import Answer
from leeward.twin.aws.routing_control import errors
from leeward.twin.aws.routing_control.config_state import ConfigState

if TYPE_CHECKING:
    from mypy_boto3_route53_recovery_control_config.type_defs import (
        ListTagsForResourceRequestTypeDef,
        TagResourceRequestTypeDef,
        UntagResourceRequestTypeDef,
    )


class TagOperations(ConfigState):
    """Mixed into the backend. Methods are named after the operations and raise what their models list."""

    def list_tags_for_resource(self, params: ListTagsForResourceRequestTypeDef) -> Answer:
        """ListTagsForResource."""
        return {"Tags": dict(self._tags(params["ResourceArn"]))}

    def tag_resource(self, params: TagResourceRequestTypeDef) -> Answer:
        """TagResource."""
        self._tags(params["ResourceArn"]).update(params["Tags"])
        return {}

    def untag_resource(self, params: UntagResourceRequestTypeDef) -> Answer:
        """UntagResource."""
        tags = self._tags(params["ResourceArn"])
        for key in params["TagKeys"]:
            tags.pop(key, None)
        return {}

    def _tags(self, arn: str) -> dict[str, str]:
        state = self.state
        if arn not in (*state.clusters, *state.panels, *state.rules):
            raise errors.ResourceNotFoundException(f"{arn} was not found")
        return state.tags.setdefault(arn, {})
