"""Simulated `route53-recovery-control-config`: clusters, control panels, and routing controls.

The service runs in us-west-2. botocore sends the calls of a client in any Region to us-west-2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from leeward.twin.aws.moto_fixes.route53.route53_health_checks import health_checks_of_control
from leeward.twin.aws.routing_control.control_plane.routing_tag_operations import RoutingTagOperations
from leeward.twin.aws.routing_control.control_plane.safety_rule_operations import SafetyRuleOperations
from leeward.twin.aws.routing_control.state import routing_control_errors
from leeward.twin.aws.routing_control.state.routing_resource_factory import make_cluster, make_control, make_panel
from leeward.twin.aws.routing_control.state.routing_resources import Cluster, ControlPanel, RoutingControl
from leeward.twin.aws.service_framework.pagination import paginate
from leeward.twin.aws.service_framework.service_plugin import OperationResult, add_service

if TYPE_CHECKING:
    from mypy_boto3_route53_recovery_control_config.type_defs import (
        ClusterTypeDef,
        ControlPanelTypeDef,
        CreateClusterRequestTypeDef,
        CreateControlPanelRequestTypeDef,
        CreateRoutingControlRequestTypeDef,
        DeleteClusterRequestTypeDef,
        DeleteControlPanelRequestTypeDef,
        DeleteRoutingControlRequestTypeDef,
        DescribeClusterRequestTypeDef,
        DescribeControlPanelRequestTypeDef,
        DescribeRoutingControlRequestTypeDef,
        ListAssociatedRoute53HealthChecksRequestTypeDef,
        ListClustersRequestTypeDef,
        ListControlPanelsRequestTypeDef,
        ListRoutingControlsRequestTypeDef,
        RoutingControlTypeDef,
        UpdateControlPanelRequestTypeDef,
        UpdateRoutingControlRequestTypeDef,
    )

HOME_REGION = "us-west-2"
_CLUSTERS_PER_ACCOUNT = 2


class RoutingConfigBackend(SafetyRuleOperations, RoutingTagOperations):
    """The service backend. Each method implements one operation and raises the errors in its model."""

    # -- clusters ------------------------------------------------------------------------------------------------

    def create_cluster(self, params: CreateClusterRequestTypeDef) -> OperationResult:
        """Implement CreateCluster, which also creates the default control panel."""
        state, name = self.state, params["ClusterName"]
        if any(c.name == name for c in state.clusters.values()):
            raise routing_control_errors.ArcConflictException(f"A cluster named {name} exists")
        if len(state.clusters) >= _CLUSTERS_PER_ACCOUNT:
            raise routing_control_errors.ArcQuotaExceededException(
                f"At most {_CLUSTERS_PER_ACCOUNT} clusters in an account"
            )
        cluster = make_cluster(state, self.account_id, name)
        cluster.network_type = params.get("NetworkType", "IPV4")
        state.tags[cluster.arn] = dict(params.get("Tags", {}))
        make_panel(state, self.account_id, "DefaultControlPanel", cluster.arn, default=True)
        return {"Cluster": self._cluster_view(cluster)}

    def describe_cluster(self, params: DescribeClusterRequestTypeDef) -> OperationResult:
        """Implement DescribeCluster."""
        return {"Cluster": self._cluster_view(self.get_cluster(params["ClusterArn"]))}

    def list_clusters(self, params: ListClustersRequestTypeDef) -> OperationResult:
        """Implement ListClusters."""
        clusters = list(self.state.clusters.values())
        page, token = paginate(clusters, lambda c: c.arn, params.get("NextToken"), params.get("MaxResults"))
        items = [self._cluster_view(cluster) for cluster in page]
        return {"Clusters": items, "NextToken": token} if token else {"Clusters": items}

    def delete_cluster(self, params: DeleteClusterRequestTypeDef) -> OperationResult:
        """Implement DeleteCluster. Rejected while the cluster has other control panels or routing controls."""
        cluster = self.get_cluster(params["ClusterArn"])
        panels = [p for p in self.state.panels.values() if p.cluster_arn == cluster.arn]
        added_panels = [p for p in panels if not p.default]
        if added_panels or any(c.panel_arn in {p.arn for p in panels} for c in self.state.controls.values()):
            raise routing_control_errors.ArcConflictException(
                f"Cluster {cluster.name} still has control panels or routing controls"
            )
        for panel in panels:
            del self.state.panels[panel.arn]
        del self.state.clusters[cluster.arn]
        return {}

    # -- control panels ------------------------------------------------------------------------------------------

    def create_control_panel(self, params: CreateControlPanelRequestTypeDef) -> OperationResult:
        """Implement CreateControlPanel."""
        cluster, name = self.get_deployed_cluster(params["ClusterArn"]), params["ControlPanelName"]
        if any(p.name == name and p.cluster_arn == cluster.arn for p in self.state.panels.values()):
            raise routing_control_errors.ArcConflictException(f"A control panel named {name} exists in the cluster")
        panel = make_panel(self.state, self.account_id, name, cluster.arn)
        self.state.tags[panel.arn] = dict(params.get("Tags", {}))
        return {"ControlPanel": self._panel_view(panel)}

    def describe_control_panel(self, params: DescribeControlPanelRequestTypeDef) -> OperationResult:
        """Implement DescribeControlPanel."""
        return {"ControlPanel": self._panel_view(self.get_panel(params["ControlPanelArn"]))}

    def list_control_panels(self, params: ListControlPanelsRequestTypeDef) -> OperationResult:
        """Implement ListControlPanels for one cluster or for all clusters."""
        cluster = params.get("ClusterArn")
        panels = [p for p in self.state.panels.values() if not cluster or p.cluster_arn == cluster]
        page, token = paginate(panels, lambda p: p.arn, params.get("NextToken"), params.get("MaxResults"))
        items = [self._panel_view(panel) for panel in page]
        return {"ControlPanels": items, "NextToken": token} if token else {"ControlPanels": items}

    def update_control_panel(self, params: UpdateControlPanelRequestTypeDef) -> OperationResult:
        """Implement UpdateControlPanel, which changes the name."""
        panel = self.get_panel(params["ControlPanelArn"])
        panel.name = params["ControlPanelName"]
        return {"ControlPanel": self._panel_view(panel)}

    def delete_control_panel(self, params: DeleteControlPanelRequestTypeDef) -> OperationResult:
        """Implement DeleteControlPanel. Rejected for the default panel, and while the panel has routing controls."""
        panel = self.get_panel(params["ControlPanelArn"])
        if panel.default or any(c.panel_arn == panel.arn for c in self.state.controls.values()):
            raise routing_control_errors.ArcConflictException(
                f"Control panel {panel.name} is the default one or has routing controls"
            )
        del self.state.panels[panel.arn]
        return {}

    # -- routing controls ----------------------------------------------------------------------------------------

    def create_routing_control(self, params: CreateRoutingControlRequestTypeDef) -> OperationResult:
        """Implement CreateRoutingControl. A new routing control is Off."""
        cluster, name = self.get_deployed_cluster(params["ClusterArn"]), params["RoutingControlName"]
        default = next(p for p in self.state.panels.values() if p.cluster_arn == cluster.arn and p.default)
        panel = self.get_panel(params.get("ControlPanelArn", default.arn))
        if any(c.name == name and c.panel_arn == panel.arn for c in self.state.controls.values()):
            raise routing_control_errors.ArcConflictException(
                f"A routing control named {name} exists in the control panel"
            )
        return {"RoutingControl": self._control_view(make_control(self.state, name, panel.arn))}

    def describe_routing_control(self, params: DescribeRoutingControlRequestTypeDef) -> OperationResult:
        """Implement DescribeRoutingControl."""
        return {"RoutingControl": self._control_view(self.get_control(params["RoutingControlArn"]))}

    def list_routing_controls(self, params: ListRoutingControlsRequestTypeDef) -> OperationResult:
        """Implement ListRoutingControls for a control panel."""
        panel = self.get_panel(params["ControlPanelArn"])
        controls = [c for c in self.state.controls.values() if c.panel_arn == panel.arn]
        page, token = paginate(controls, lambda c: c.arn, params.get("NextToken"), params.get("MaxResults"))
        items = [self._control_view(control) for control in page]
        return {"RoutingControls": items, "NextToken": token} if token else {"RoutingControls": items}

    def update_routing_control(self, params: UpdateRoutingControlRequestTypeDef) -> OperationResult:
        """Implement UpdateRoutingControl, which changes the name."""
        control = self.get_control(params["RoutingControlArn"])
        control.name = params["RoutingControlName"]
        return {"RoutingControl": self._control_view(control)}

    def delete_routing_control(self, params: DeleteRoutingControlRequestTypeDef) -> OperationResult:
        """Implement DeleteRoutingControl. Rejected while a safety rule uses the routing control."""
        control = self.get_control(params["RoutingControlArn"])
        for rule in self.state.rules.values():
            if control.arn in (*rule.condition_controls, *rule.targets):
                raise routing_control_errors.ArcConflictException(f"The safety rule {rule.arn} names {control.name}")
        del self.state.controls[control.arn]
        return {}

    def list_associated_route53_health_checks(
        self, params: ListAssociatedRoute53HealthChecksRequestTypeDef
    ) -> OperationResult:
        """Implement ListAssociatedRoute53HealthChecks. Lists health checks of type RECOVERY_CONTROL."""
        control = self.get_control(params["RoutingControlArn"])
        health_check_ids = health_checks_of_control(self.account_id, control.arn)
        page, token = paginate(health_check_ids, str, params.get("NextToken"), params.get("MaxResults"))
        return {"HealthCheckIds": page, "NextToken": token} if token else {"HealthCheckIds": page}

    # -- views ---------------------------------------------------------------------------------------------------

    def _cluster_view(self, cluster: Cluster) -> ClusterTypeDef:
        view: ClusterTypeDef = {
            "ClusterArn": cluster.arn,
            "Name": cluster.name,
            "Status": cluster.status(self.state.now()),
            "Owner": self.account_id,
            "NetworkType": cluster.network_type,
        }
        if view["Status"] == "DEPLOYED":
            view["ClusterEndpoints"] = [{"Endpoint": url, "Region": r} for r, url in cluster.endpoints.items()]
        return view

    def _panel_view(self, panel: ControlPanel) -> ControlPanelTypeDef:
        return {
            "ControlPanelArn": panel.arn,
            "ClusterArn": panel.cluster_arn,
            "Name": panel.name,
            "DefaultControlPanel": panel.default,
            "RoutingControlCount": sum(c.panel_arn == panel.arn for c in self.state.controls.values()),
            "Status": panel.status(self.state.now()),
            "Owner": self.account_id,
        }

    def _control_view(self, control: RoutingControl) -> RoutingControlTypeDef:
        return {
            "RoutingControlArn": control.arn,
            "ControlPanelArn": control.panel_arn,
            "Name": control.name,
            "Status": control.status(self.state.now()),
            "Owner": self.account_id,
        }


ROUTING_CONFIG = add_service("route53-recovery-control-config", RoutingConfigBackend, (HOME_REGION,))


def parse_endpoint_host(url: str) -> str:
    """Return the host of a cluster endpoint URL.

    Example URL: `https://aaaaaaaa.route53-recovery-cluster.us-east-1.amazonaws.com/v1`.
    Raises ValueError when the URL has no host.
    """
    host = urlsplit(url).hostname
    if not host:
        raise ValueError(f"{url!r} is not an endpoint URL")
    return host
