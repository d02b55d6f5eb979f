"""Keeps the AWS clients of simulated tasks apart from those of the process.

A client keeps its credentials. A client that was created in a simulation has made-up ones, which AWS would reject.
"""

from __future__ import annotations

from functools import lru_cache

import botocore.session

from leeward.common.aws import clients, signal_clients
from leeward.common.aws.sdk import session
from leeward.twin.patching.attribute_replacement import replace_attribute


def use_separate_clients() -> None:
    """Use other cached clients while a simulation is open. moto's own fake credentials would otherwise stay in them."""
    replace_attribute(session, "cached_session", lru_cache(maxsize=1)(botocore.session.get_session))
    replace_attribute(clients, "cached_client", lru_cache(maxsize=256)(clients.create_client))
    replace_attribute(
        signal_clients, "cached_signal_client", lru_cache(maxsize=16)(signal_clients.create_signal_client)
    )
