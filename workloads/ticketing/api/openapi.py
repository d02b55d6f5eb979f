"""Writes `openapi.json` from the routes: `python -m workloads.ticketing.api.openapi [--check]`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer

from workloads.ticketing.api.contract.problems import CONTENT_TYPE
from workloads.ticketing.api.http.routes import build_resolver

OPENAPI_FILE = Path(__file__).with_name("openapi.json")
_DESCRIPTION = (
    "A customer ticketing service that two Regions serve. Every response has the Region that sent it "
    "(`X-Served-By-Region`), and every ticket has the Region that wrote it. Errors are problem documents (RFC 9457)."
)


def build_document() -> dict[str, Any]:
    """Return the OpenAPI document, with the error responses that the API sends."""
    document: dict[str, Any] = json.loads(
        build_resolver().get_openapi_json_schema(
            title="Ticketing",
            version="1",
            description=_DESCRIPTION,
            servers=[],
            security_schemes={"signedIn": HTTPBearer(bearerFormat="JWT")},
        )
    )
    document["servers"] = [{"url": "https://api.tickets.example.com", "description": "Both Regions, by Route 53"}]
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"] = _drop_default_422(operation["responses"])
            for parameter in operation.get("parameters", []):
                parameter["schema"] = _drop_null(parameter["schema"])
    schemas = document["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError", "ResponseValidationError"):
        schemas.pop(unused, None)
    return document


def _drop_default_422(responses: dict[str, Any]) -> dict[str, Any]:
    """Remove the 422 response that Powertools adds to every operation. The API's own 422 is a problem document."""
    return {
        status: response
        for status, response in sorted(responses.items())
        if status != "422" or CONTENT_TYPE in response.get("content", {})
    }


def _drop_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Remove null from a parameter's types. A parameter can be omitted, but is never null."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    return {**kinds[0], "title": schema["title"]} if len(kinds) == 1 else schema


def main(arguments: Sequence[str]) -> int:
    """Write the file. With `--check`, only report whether it matches the routes."""
    text = json.dumps(build_document(), indent=2, ensure_ascii=False) + "\n"
    if "--check" in arguments:
        drifted = not OPENAPI_FILE.exists() or OPENAPI_FILE.read_text() != text
        sys.stdout.write(
            "openapi.json has drifted. Run python -m workloads.ticketing.api.openapi\n"
            if drifted
            else "openapi.json is up to date\n"
        )
        return int(drifted)
    OPENAPI_FILE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
