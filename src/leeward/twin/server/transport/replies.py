"""Replies of the server itself, for errors that no simulated service returns, in the protocol of the called service."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

from leeward.twin.server.transport.request_queue import ServerReply

# As botocore names them.
QUERY, EC2, REST_XML, CBOR = "query", "ec2", "rest-xml", "smithy-rpc-v2-cbor"


def aws_error_reply(status: int, code: str, message: str, protocol: str = "json") -> ServerReply:
    """Return an error that botocore parses into a ClientError. `protocol` is botocore's name of the protocol."""
    if protocol == CBOR:
        headers = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        return ServerReply(status, headers, _to_cbor({"__type": code, "message": message}))
    if protocol not in (QUERY, EC2, REST_XML):
        headers = {"content-type": "application/x-amz-json-1.0", "x-amzn-errortype": code}
        return ServerReply(status, headers, json.dumps({"__type": code, "message": message}).encode())
    error = f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    if protocol == EC2:
        text = f"<Response><Errors>{error}</Errors><RequestID>twin</RequestID></Response>"
    else:
        text = f"<ErrorResponse>{error}<RequestId>twin</RequestId></ErrorResponse>"
    return ServerReply(status, {"content-type": "text/xml"}, text.encode())


def json_reply(status: int, document: object) -> ServerReply:
    """Return a JSON document."""
    return ServerReply(status, {"content-type": "application/json"}, (json.dumps(document) + "\n").encode())


def problem_reply(status: int, title: str, detail: str, remedy: str) -> ServerReply:
    """Return a problem document (RFC 9457). Its additional member `mend` says what to do about the problem."""
    problem = {"type": "about:blank", "title": title, "status": status, "detail": detail, "mend": remedy}
    return ServerReply(status, {"content-type": "application/problem+json"}, (json.dumps(problem) + "\n").encode())


def _to_cbor(members: dict[str, str]) -> bytes:
    """Encode a map of text to text (RFC 8949). Lengths are 32-bit integers, which every decoder accepts."""
    texts = [text.encode() for pair in members.items() for text in pair]
    return bytes([0xA0 + len(members)]) + b"".join(b"\x7a" + len(text).to_bytes(4, "big") + text for text in texts)
