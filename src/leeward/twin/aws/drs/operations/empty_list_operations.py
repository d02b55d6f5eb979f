"""API operations that return empty lists: the simulation has one account and no source networks."""

from __future__ import annotations

from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.service_framework.service_plugin import OperationResult


class EmptyListOperations(DrsRegionState):
    """Mixin for the backend. Each method implements one operation and returns an empty list."""

    def list_staging_accounts(self, _params: object) -> OperationResult:
        """Implement ListStagingAccounts. No source server is extended from another account."""
        return {"accounts": []}

    def list_extensible_source_servers(self, _params: object) -> OperationResult:
        """Implement ListExtensibleSourceServers."""
        return {"items": []}

    def describe_source_networks(self, _params: object) -> OperationResult:
        """Implement DescribeSourceNetworks."""
        return {"items": []}
