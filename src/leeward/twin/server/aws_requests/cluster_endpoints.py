"""The endpoints of the simulated routing-control clusters, for clients that name a Region and no endpoint."""

from __future__ import annotations

from urllib.parse import urlsplit

from leeward.twin.aws.routing_control.control_plane.config_backend import ROUTING_CONFIG
from leeward.twin.aws.service_framework.service_plugin import GLOBAL
from leeward.twin.server.aws_requests.addressing import UnknownRecipient


def cluster_endpoint_host(account: str, region: str) -> str:
    """Return the host of a cluster's endpoint in `region`. All endpoints share one state, so any cluster's will do.

    Raises UnknownRecipient if no cluster has an endpoint there. On AWS the service only has the endpoints of clusters.
    """
    clusters = ROUTING_CONFIG.region(account, GLOBAL).own_state.clusters.values()
    endpoints = {r: url for cluster in clusters for r, url in cluster.endpoints.items()}
    if region not in endpoints:
        available = ", ".join(sorted(endpoints)) or "nowhere: there is no cluster"
        message = f"no routing-control cluster has an endpoint in {region}; there are endpoints in {available}"
        raise UnknownRecipient(404, "ResourceNotFoundException", message)
    return urlsplit(endpoints[region]).netloc
