"""What the API is to trust: fetches both pools' public keys and writes them as its IDENTITY.

    python -m workloads.ticketing.trust ISSUER=CLIENT_ID[,CLIENT_ID] ISSUER=...

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

from workloads.ticketing.api.identity import trust_in

Fetch = Callable[[str], bytes]
_SECONDS = 10
# A key as a pool publishes it, without what is not needed to check a signature.
_KEPT = ("kty", "n", "e", "kid", "alg", "use")
# All of a function's variables together may have 4 KB.
_LONGEST = 3500


class Untrustworthy(Exception):
    """What was given or fetched is not what a pool publishes."""


def fetched(url: str) -> bytes:
    """What is at an https address."""
    with urlopen(url, timeout=_SECONDS) as answer:  # noqa: S310 - `identity_of` lets https alone through
        content: bytes = answer.read()
    return content


def identity_of(pools: Sequence[str], fetch: Fetch = fetched) -> str:
    """The setting, from `ISSUER=CLIENT_ID[,CLIENT_ID]` of each pool. Raises Untrustworthy."""
    issuers = []
    for pool in pools:
        issuer, equals, clients = pool.partition("=")
        if not equals or not clients or urlsplit(issuer).scheme != "https":
            raise Untrustworthy(f"{pool!r} is not https://cognito-idp.<region>.amazonaws.com/<pool>=<client id>")
        published = json.loads(fetch(f"{issuer}/.well-known/jwks.json"))
        keys = [{name: key[name] for name in _KEPT} for key in published["keys"]]
        issuers.append({"issuer": issuer, "audience": clients.split(","), "jwks": {"keys": keys}})
    text = json.dumps({"issuers": issuers}, separators=(",", ":"))
    trust_in(text)
    if len(text) > _LONGEST:
        raise Untrustworthy(f"{len(text)} characters are too many for a function's environment (4 KB)")
    return text


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m workloads.ticketing.trust", description="What the API trusts")
    parser.add_argument("pools", nargs="+", metavar="ISSUER=CLIENT_ID")
    sys.stdout.write(identity_of(parser.parse_args(arguments).pools) + "\n")


if __name__ == "__main__":
    main()
