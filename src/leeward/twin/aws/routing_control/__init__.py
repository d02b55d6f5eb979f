"""Application Recovery Controller's routing controls, simulated: the five-endpoint data plane and the control plane.

A world makes one `RoutingControls(seam, account_id)` inside `mock_aws`; everything else is reached through boto3. Only
`twin` and the tests may import this package.

    model, make, safety                              what exists, and what the safety rules allow
    data_plane                                       `route53-recovery-cluster`
    control_plane, rule_operations, tag_operations   `route53-recovery-control-config`
    world                                            how a world drives it

Sources: botocore's models of both services and the ARC developer guide.
"""

from leeward.twin.aws.routing_control.routing_control_simulator import RoutingControlSimulator
from leeward.twin.aws.routing_control.state.routing_resources import OnOff, RoutingControl, SafetyRule

__all__ = ["OnOff", "RoutingControl", "RoutingControlSimulator", "SafetyRule"]
