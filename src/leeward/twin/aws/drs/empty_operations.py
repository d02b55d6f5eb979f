"""Lists that are empty here: the world has one account, and replicates servers, not networks."""

from __future__ import annotations

from leeward.twin.aws.drs.state import RegionState
from leeward.twin.aws.plugin import Answer


class EmptyOperations(RegionState):
    """Mixed into the backend. Methods are named after the operations; what would fill the lists is not simulated."""

    def list_staging_accounts(self, _params: object) -> Answer:
        """ListStagingAccounts: no source server is extended from another account."""
        return {"accounts": []}

    def list_extensible_source_servers(self, _params: object) -> Answer:
        """ListExtensibleSourceServers."""
        return {"items": []}

    def describe_source_networks(self, _params: object) -> Answer:
        """DescribeSourceNetworks."""
        return {"items": []}
