"""The twin over HTTP is reachable from this machine only."""

from __future__ import annotations

import pytest

from leeward.twin.server.transport.http_listener import HttpListener, ServerReply


@pytest.mark.parametrize("port", [0])
def test_listener_binds_to_the_loopback_address_only(port: int) -> None:
    def answer(*_: object) -> ServerReply:
        raise AssertionError("no request was sent")

    with HttpListener(port, answer) as listener:
        assert listener.server_address[0] == "127.0.0.1"
