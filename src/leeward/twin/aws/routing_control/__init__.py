"""Simulated routing controls of Application Recovery Controller (ARC): data plane with five endpoints, control plane.

Create one `RoutingControlSimulator(hooks, account_id)` inside `mock_aws`. Use boto3 for everything else.

    routing_control_simulator    adds clusters and makes endpoints unavailable
    cluster_data_plane           `route53-recovery-cluster`
    control_plane                `route53-recovery-control-config`
    state                        clusters, control panels, routing controls, and safety rules

Sources: botocore's models of both services and the ARC developer guide.
"""

from leeward.twin.aws.routing_control.routing_control_simulator import RoutingControlSimulator
from leeward.twin.aws.routing_control.state.routing_resources import OnOff, RoutingControl, SafetyRule

__all__ = ["OnOff", "RoutingControl", "RoutingControlSimulator", "SafetyRule"]
