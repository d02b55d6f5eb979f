"""Simulated `route53-recovery-cluster`: the ARC data plane with five endpoints that share one state."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore.exceptions import EndpointConnectionError

from leeward.twin.aws.routing_control.control_plane.config_backend import ROUTING_CONFIG
from leeward.twin.aws.routing_control.state import routing_control_errors
from leeward.twin.aws.routing_control.state.routing_resources import OnOff, RoutingControl, RoutingState
from leeward.twin.aws.routing_control.state.safety_rules import find_forbidding_rule
from leeward.twin.aws.service_framework.pagination import paginate
from leeward.twin.aws.service_framework.service_plugin import (
    GLOBAL,
    OperationCall,
    OperationResult,
    ServiceBackend,
    ValidationException,
    add_service,
)

if TYPE_CHECKING:
    from mypy_boto3_route53_recovery_cluster.type_defs import (
        GetRoutingControlStateRequestTypeDef,
        ListRoutingControlsRequestTypeDef,
        RoutingControlTypeDef,
        UpdateRoutingControlStateRequestTypeDef,
        UpdateRoutingControlStatesRequestTypeDef,
    )

ENDPOINT_REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2")
_MAX_STATES_PER_REQUEST = 10
# ARC quotas: three state-changing calls per second and endpoint.
_CHANGES_PER_SECOND = 3


class RoutingClusterBackend(ServiceBackend):
    """The cluster endpoints in one Region. All endpoints of an account share one state."""

    @property
    def state(self) -> RoutingState:
        """Return the state that all endpoints and the control plane share."""
        return ROUTING_CONFIG.region(self.account_id, GLOBAL).own_state

    def check_call(self, call: OperationCall) -> None:
        """Reject calls to unknown or unavailable endpoints, and throttle state changes.

        Raises EndpointConnectionError for a host that isn't a cluster endpoint,
        EndpointTemporarilyUnavailableException for an unavailable endpoint, and ThrottlingException.
        """
        hosts = {
            urlsplit(url).hostname for cluster in self.state.clusters.values() for url in cluster.endpoints.values()
        }
        if call.host not in hosts:
            raise EndpointConnectionError(endpoint_url=f"https://{call.host}/v1")
        if call.host in self.state.unavailable_hosts:
            raise routing_control_errors.EndpointTemporarilyUnavailableException(
                f"The endpoint {call.host} is not available"
            )
        if call.operation.name.startswith("Update"):
            self._check_throttle(call.host)

    def get_routing_control_state(self, params: GetRoutingControlStateRequestTypeDef) -> OperationResult:
        """Implement GetRoutingControlState."""
        control = self._require_control(params["RoutingControlArn"])
        return {
            "RoutingControlArn": control.arn,
            "RoutingControlState": control.state,
            "RoutingControlName": control.name,
        }

    def list_routing_controls(self, params: ListRoutingControlsRequestTypeDef) -> OperationResult:
        """Implement ListRoutingControls for one control panel or for all control panels."""
        panel = params.get("ControlPanelArn")
        if panel and panel not in self.state.panels:
            raise _not_found_error(panel, "ControlPanel")
        controls = [c for c in self.state.controls.values() if not panel or c.panel_arn == panel]
        page, token = paginate(controls, lambda c: c.arn, params.get("NextToken"), params.get("MaxResults"))
        items = [self._control_view(control) for control in page]
        return {"RoutingControls": items, "NextToken": token} if token else {"RoutingControls": items}

    def update_routing_control_state(self, params: UpdateRoutingControlStateRequestTypeDef) -> OperationResult:
        """Implement UpdateRoutingControlState."""
        wanted: dict[str, OnOff] = {params["RoutingControlArn"]: params["RoutingControlState"]}
        self._update_states(wanted, params.get("SafetyRulesToOverride", []))
        return {}

    def update_routing_control_states(self, params: UpdateRoutingControlStatesRequestTypeDef) -> OperationResult:
        """Implement UpdateRoutingControlStates, which changes all listed states or none."""
        entries = params["UpdateRoutingControlStateEntries"]
        if len(entries) > _MAX_STATES_PER_REQUEST:
            raise routing_control_errors.ServiceLimitExceededException(
                f"{len(entries)} routing controls in one request; at most {_MAX_STATES_PER_REQUEST} are allowed",
                limitCode="MaxRoutingControlStatesPerRequest",
                serviceCode="route53-recovery-cluster",
            )
        wanted: dict[str, OnOff] = {e["RoutingControlArn"]: e["RoutingControlState"] for e in entries}
        if not entries or len(wanted) != len(entries):
            raise ValidationException("each routing control must be listed exactly once, and at least one")
        self._update_states(wanted, params.get("SafetyRulesToOverride", []))
        return {}

    def _update_states(self, wanted: Mapping[str, OnOff], overridden: Collection[str]) -> None:
        state = self.state
        for arn in wanted:
            self._require_control(arn)
        for rule_arn in overridden:
            if rule_arn not in state.rules:
                raise _not_found_error(rule_arn, "SafetyRule")
        now = state.now()
        forbidden = find_forbidding_rule(state.rules.values(), state.controls, wanted, overridden, now)
        if forbidden:
            # AWS includes the rule's name and ARN in the message, so that you can override it (ARC developer guide).
            raise routing_control_errors.ArcConflictException(
                f"The safety rule {forbidden.rule_name!r} ({forbidden.rule_arn}) does not allow this change: "
                f"{forbidden.reason}",
                resourceId=forbidden.rule_arn,
                resourceType="SafetyRule",
            )
        changed = [state.controls[arn] for arn in wanted if state.controls[arn].state != wanted[arn]]
        for control in changed:
            control.state, control.since, control.changed_at = wanted[control.arn], now, now
        for control in changed:
            for callback in state.on_change:
                callback(control.arn, control.state, now)

    def _check_throttle(self, host: str) -> None:
        now = self.state.now()
        recent = [at for at in self.state.recent_changes.get(host, []) if now - at < timedelta(seconds=1)]
        if len(recent) >= _CHANGES_PER_SECOND:
            raise routing_control_errors.ArcThrottlingException("Rate exceeded", retryAfterSeconds=1)
        self.state.recent_changes[host] = [*recent, now]

    def _require_control(self, arn: str) -> RoutingControl:
        control = self.state.controls.get(arn)
        if control is None:
            raise _not_found_error(arn, "RoutingControl")
        return control

    def _control_view(self, control: RoutingControl) -> RoutingControlTypeDef:
        return {
            "ControlPanelArn": control.panel_arn,
            "ControlPanelName": self.state.panels[control.panel_arn].name,
            "RoutingControlArn": control.arn,
            "RoutingControlName": control.name,
            "RoutingControlState": control.state,
            "Owner": self.account_id,
        }


def _not_found_error(arn: str, kind: str) -> routing_control_errors.ArcResourceNotFoundException:
    return routing_control_errors.ArcResourceNotFoundException(
        f"{kind} {arn} was not found", resourceId=arn, resourceType=kind
    )


ROUTING_CLUSTERS = add_service("route53-recovery-cluster", RoutingClusterBackend, ENDPOINT_REGIONS)
