"""Operations on post-launch actions: kept and listed. The simulated launches do not run them."""

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
    """Mixed into the backend. Methods are named after the operations and raise what their models list."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        # By source server or launch configuration template, then by action.
        self.launch_actions: dict[str, dict[str, dict[str, object]]] = {}

    def list_launch_actions(self, params: ListLaunchActionsRequestTypeDef) -> OperationResult:
        """ListLaunchActions, in the order in which they are to run."""
        actions = self._actions_of(params["resourceId"])
        ids = params.get("filters", {}).get("actionIds")
        found = [action for key, action in actions.items() if not ids or key in ids]
        found.sort(key=lambda a: (int(str(a["order"])), str(a["actionId"])))
        part, token = paginate(found, lambda a: str(a["actionId"]), params.get("nextToken"), params.get("maxResults"))
        return {"items": part, "nextToken": token} if token else {"items": part}

    def put_launch_action(self, params: PutLaunchActionRequestTypeDef) -> OperationResult:
        """PutLaunchAction: adds one, or replaces the one of that id.

        `type` is left out of the answer: AWS takes it from the SSM document, which is not looked up here.
        """
        action: dict[str, object] = {key: value for key, value in params.items() if key != "resourceId"}
        self._actions_of(params["resourceId"])[params["actionId"]] = action
        return {"resourceId": params["resourceId"], **action}

    def delete_launch_action(self, params: DeleteLaunchActionRequestTypeDef) -> OperationResult:
        """DeleteLaunchAction."""
        actions = self._actions_of(params["resourceId"])
        if params["actionId"] not in actions:
            raise drs_errors.not_found_error(params["actionId"], "LaunchAction")
        del actions[params["actionId"]]
        return {}

    def _actions_of(self, resource_id: str) -> dict[str, dict[str, object]]:
        if resource_id not in self.servers and resource_id not in self.launch_templates:
            raise drs_errors.not_found_error(resource_id, "LaunchActionResource")
        return self.launch_actions.setdefault(resource_id, {})
