"""The configuration of a function, read from environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


class InvalidConfiguration(Exception):
    """An environment variable is missing or malformed. The message contains its name."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration of the functions. Hashable, because objects created from it are cached by it."""

    region: str
    """AWS_REGION: the function's Region."""
    table: str
    """TABLE_NAME: the global table, which has the same name in both Regions."""
    other_region: str | None = None
    """PEER_REGION: the other Region, whose heartbeat is monitored."""
    identity: str = '{"issuers": []}'
    """IDENTITY: the trusted issuers as JSON (see `TrustedIssuers`). Without any, users can't sign in."""
    origins: tuple[str, ...] = ()
    """ALLOWED_ORIGINS: the origins of pages that may call the API, separated by commas."""
    version: str = "unknown"
    """VERSION: the version of the deployed code, which /health returns."""
    heartbeat_seconds: int = 60
    """HEARTBEAT_SECONDS: how often `heartbeat` runs."""


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this invocation. Raises InvalidConfiguration."""
    env = os.environ if environment is None else environment
    heartbeat = env.get("HEARTBEAT_SECONDS", "60")
    if not heartbeat.isdecimal() or int(heartbeat) < 1:
        raise InvalidConfiguration(f"HEARTBEAT_SECONDS must be a whole number of seconds, not {heartbeat!r}")
    return Settings(
        region=_required(env, "AWS_REGION"),
        table=_required(env, "TABLE_NAME"),
        other_region=env.get("PEER_REGION") or None,
        identity=env.get("IDENTITY") or '{"issuers": []}',
        origins=tuple(o.strip() for o in env.get("ALLOWED_ORIGINS", "").split(",") if o.strip()),
        version=env.get("VERSION") or "unknown",
        heartbeat_seconds=int(heartbeat),
    )


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if not value:
        raise InvalidConfiguration(f"the environment variable {name} is not set")
    return value
