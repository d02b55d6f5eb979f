"""What the server itself answers, in the wire protocol of whom was asked: no simulated service could."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

from leeward.twin.server.transport.request_queue import ServerReply

# As botocore names them.
QUERY, EC2, REST_XML, CBOR = "query", "ec2", "rest-xml", "smithy-rpc-v2-cbor"


def aws_error_reply(status: int, code: str, message: str, protocol: str = "json") -> ServerReply:
    """An error that botocore parses into a ClientError. `protocol` is botocore's name of it."""
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
    """A JSON document."""
    return ServerReply(status, {"content-type": "application/json"}, (json.dumps(document) + "\n").encode())


def problem_reply(status: int, title: str, detail: str, remedy: str) -> ServerReply:
    """A problem document (RFC 9457) with one member more: `mend`, what to do about it."""
    told = {"type": "about:blank", "title": title, "status": status, "detail": detail, "mend": remedy}
    return ServerReply(status, {"content-type": "application/problem+json"}, (json.dumps(told) + "\n").encode())


def _to_cbor(members: dict[str, str]) -> bytes:
    """A map of text to text (RFC 8949): lengths as 32-bit integers, which any decoder takes."""
    texts = [text.encode() for pair in members.items() for text in pair]
    return bytes([0xA0 + len(members)]) + b"".join(b"\x7a" + len(text).to_bytes(4, "big") + text for text in texts)
