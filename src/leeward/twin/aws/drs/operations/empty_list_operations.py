"""Lists that are empty here: the world has one account, and replicates servers, not networks."""

from __future__ import annotations

from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.service_framework.service_plugin import OperationResult


class EmptyListOperations(DrsRegionState):
    """Mixed into the backend. Methods are named after the operations; what would fill the lists is not simulated."""

    def list_staging_accounts(self, _params: object) -> OperationResult:
        """ListStagingAccounts: no source server is extended from another account."""
        return {"accounts": []}

    def list_extensible_source_servers(self, _params: object) -> OperationResult:
        """ListExtensibleSourceServers."""
        return {"items": []}

    def describe_source_networks(self, _params: object) -> OperationResult:
        """DescribeSourceNetworks."""
        return {"items": []}
