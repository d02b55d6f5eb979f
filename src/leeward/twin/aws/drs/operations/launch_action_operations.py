"""API operations on post-launch actions, which are stored and listed. Simulated launches don't run them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.service_framework.pagination import paginate
from leeward.twin.aws.service_framework.service_plugin import OperationResult

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        DeleteLaunchActionRequestTypeDef,
        ListLaunchActionsRequestTypeDef,
        PutLaunchActionRequestTypeDef,
    )


class LaunchActionOperations(DrsRegionState):
    """Mixin for the backend. Each method implements one operation and raises the errors in its model."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        # Keys: source server ID or launch configuration template ID, then action ID.
        self.launch_actions: dict[str, dict[str, dict[str, object]]] = {}

    def list_launch_actions(self, params: ListLaunchActionsRequestTypeDef) -> OperationResult:
        """Implement ListLaunchActions, in run order."""
        actions = self._actions_of(params["resourceId"])
        ids = params.get("filters", {}).get("actionIds")
        listed = [action for key, action in actions.items() if not ids or key in ids]
        listed.sort(key=lambda a: (int(str(a["order"])), str(a["actionId"])))
        page, token = paginate(listed, lambda a: str(a["actionId"]), params.get("nextToken"), params.get("maxResults"))
        return {"items": page, "nextToken": token} if token else {"items": page}

    def put_launch_action(self, params: PutLaunchActionRequestTypeDef) -> OperationResult:
        """Implement PutLaunchAction, which adds an action or replaces the action with the same ID.

        The response omits `type`. AWS reads it from the SSM document, which the simulator doesn't have.
        """
        action: dict[str, object] = {key: value for key, value in params.items() if key != "resourceId"}
        self._actions_of(params["resourceId"])[params["actionId"]] = action
        return {"resourceId": params["resourceId"], **action}

    def delete_launch_action(self, params: DeleteLaunchActionRequestTypeDef) -> OperationResult:
        """Implement DeleteLaunchAction."""
        actions = self._actions_of(params["resourceId"])
        if params["actionId"] not in actions:
            raise drs_errors.not_found_error(params["actionId"], "LaunchAction")
        del actions[params["actionId"]]
        return {}

    def _actions_of(self, resource_id: str) -> dict[str, dict[str, object]]:
        if resource_id not in self.servers and resource_id not in self.launch_templates:
            raise drs_errors.not_found_error(resource_id, "LaunchActionResource")
        return self.launch_actions.setdefault(resource_id, {})
