"""What the API is to trust: fetches both pools' public keys and writes them as its IDENTITY.

    python -m workloads.ticketing.trusted_issuers ISSUER=CLIENT_ID[,CLIENT_ID] ISSUER=...

Run it once both Regions' pools are there, and again when Cognito announces new keys; deploy what it prints to *both*
Regions (docs/ticketing.md). Nothing is fetched at any other time.
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
# A key as a pool publishes it, without what is not needed to check a signature.
_KEPT_FIELDS = ("kty", "n", "e", "kid", "alg", "use")
# All of a function's variables together may have 4 KB.
_MAX_LENGTH = 3500


class InvalidUserPool(Exception):
    """What was given or fetched is not what a pool publishes."""


def fetch_url(url: str) -> bytes:
    """What is at an https address."""
    with urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - `identity_of` lets https alone through
        content: bytes = answer.read()
    return content


def build_identity_setting(pools: Sequence[str], fetch: UrlFetcher = fetch_url) -> str:
    """The setting, from `ISSUER=CLIENT_ID[,CLIENT_ID]` of each pool. Raises Untrustworthy."""
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
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m workloads.ticketing.trusted_issuers", description="What the API trusts"
    )
    parser.add_argument("pools", nargs="+", metavar="ISSUER=CLIENT_ID")
    sys.stdout.write(build_identity_setting(parser.parse_args(arguments).pools) + "\n")


if __name__ == "__main__":
    main()
