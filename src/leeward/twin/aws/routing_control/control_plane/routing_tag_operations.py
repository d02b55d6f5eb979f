"""API operations on the tags of clusters, control panels, and safety rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.routing_control.control_plane.config_state import ConfigState
from leeward.twin.aws.routing_control.state import routing_control_errors
from leeward.twin.aws.service_framework.service_plugin import OperationResult

if TYPE_CHECKING:
    from mypy_boto3_route53_recovery_control_config.type_defs import (
        ListTagsForResourceRequestTypeDef,
        TagResourceRequestTypeDef,
        UntagResourceRequestTypeDef,
    )


class RoutingTagOperations(ConfigState):
    """Mixin for the backend. Each method implements one operation and raises the errors in its model."""

    def list_tags_for_resource(self, params: ListTagsForResourceRequestTypeDef) -> OperationResult:
        """Implement ListTagsForResource."""
        return {"Tags": dict(self._get_tags(params["ResourceArn"]))}

    def tag_resource(self, params: TagResourceRequestTypeDef) -> OperationResult:
        """Implement TagResource."""
        self._get_tags(params["ResourceArn"]).update(params["Tags"])
        return {}

    def untag_resource(self, params: UntagResourceRequestTypeDef) -> OperationResult:
        """Implement UntagResource."""
        tags = self._get_tags(params["ResourceArn"])
        for key in params["TagKeys"]:
            tags.pop(key, None)
        return {}

    def _get_tags(self, arn: str) -> dict[str, str]:
        state = self.state
        if arn not in (*state.clusters, *state.panels, *state.rules):
            raise routing_control_errors.ArcResourceNotFoundException(f"{arn} was not found")
        return state.tags.setdefault(arn, {})
