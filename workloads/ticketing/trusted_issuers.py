"""Writes the API's IDENTITY setting: fetches the public keys of both pools.

    python -m workloads.ticketing.trusted_issuers ISSUER=CLIENT_ID[,CLIENT_ID] ISSUER=...

Run it after both Regions' pools exist, and again when Cognito announces new keys. Deploy its output to *both* Regions
(docs/ticketing.md). Keys are fetched at no other time.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit
from urllib.request import urlopen

from workloads.ticketing.api.service.authentication import parse_trusted_issuers

UrlFetcher = Callable[[str], bytes]
_TIMEOUT_SECONDS = 10
# The fields of a published key that are needed to verify a signature.
_KEPT_FIELDS = ("kty", "n", "e", "kid", "alg", "use")
# A function's environment variables may have 4 KB in total.
_MAX_LENGTH = 3500


class InvalidUserPool(Exception):
    """An argument or a response is not that of a user pool."""


def fetch_url(url: str) -> bytes:
    """Return the content at an https address."""
    with urlopen(url, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310 - build_identity_setting only accepts https
        content: bytes = response.read()
    return content


def build_identity_setting(pools: Sequence[str], fetch: UrlFetcher = fetch_url) -> str:
    """Return the setting for pools in the form `ISSUER=CLIENT_ID[,CLIENT_ID]`. Raises InvalidUserPool."""
    issuers = []
    for pool in pools:
        issuer, equals, clients = pool.partition("=")
        if not equals or not clients or urlsplit(issuer).scheme != "https":
            raise InvalidUserPool(f"{pool!r} is not https://cognito-idp.<region>.amazonaws.com/<pool>=<client id>")
        published = json.loads(fetch(f"{issuer}/.well-known/jwks.json"))
        keys = [{name: key[name] for name in _KEPT_FIELDS} for key in published["keys"]]
        issuers.append({"issuer": issuer, "audience": clients.split(","), "jwks": {"keys": keys}})
    text = json.dumps({"issuers": issuers}, separators=(",", ":"))
    parse_trusted_issuers(text)
    if len(text) > _MAX_LENGTH:
        raise InvalidUserPool(f"{len(text)} characters are too many for a function's environment (4 KB)")
    return text


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m workloads.ticketing.trusted_issuers", description="Write the API's trusted issuers"
    )
    parser.add_argument("pools", nargs="+", metavar="ISSUER=CLIENT_ID")
    sys.stdout.write(build_identity_setting(parser.parse_args(arguments).pools) + "\n")


if __name__ == "__main__":
    main()
