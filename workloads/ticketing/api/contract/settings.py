"""The configuration of a function, read from its environment by name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


class InvalidConfiguration(Exception):
    """An environment variable is missing or malformed; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the functions need to know. Hashable, because what is made from it is kept by it."""

    region: str
    """AWS_REGION: where this copy runs."""
    table: str
    """TABLE_NAME: the global table, called the same in both Regions."""
    other_region: str | None = None
    """PEER_REGION: the other Region, whose heartbeat is looked for."""
    identity: str = '{"issuers": []}'
    """IDENTITY: the issuers that are trusted, as JSON (see `identity.Trust`). None means that nobody can sign in."""
    origins: tuple[str, ...] = ()
    """ALLOWED_ORIGINS: the origins of pages that may call, separated by commas."""
    version: str = "unknown"
    """VERSION: of the deployed code, as /health tells it."""
    heartbeat_seconds: int = 60
    """HEARTBEAT_SECONDS: how often `heartbeat` runs."""


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this invocation. Raises Misconfigured."""
    env = os.environ if environment is None else environment
    beat = env.get("HEARTBEAT_SECONDS", "60")
    if not beat.isdecimal() or int(beat) < 1:
        raise InvalidConfiguration(f"HEARTBEAT_SECONDS must be a whole number of seconds, not {beat!r}")
    return Settings(
        region=_required(env, "AWS_REGION"),
        table=_required(env, "TABLE_NAME"),
        other_region=env.get("PEER_REGION") or None,
        identity=env.get("IDENTITY") or '{"issuers": []}',
        origins=tuple(o.strip() for o in env.get("ALLOWED_ORIGINS", "").split(",") if o.strip()),
        version=env.get("VERSION") or "unknown",
        heartbeat_seconds=int(beat),
    )


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if not value:
        raise InvalidConfiguration(f"the environment variable {name} is not set")
    return value
