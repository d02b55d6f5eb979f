"""The configurations that the benchmark measures."""

from __future__ import annotations

from typing import NamedTuple

SERVERS = (3, 30, 100, 300)
GROUPS = (1, 6, 20)


class Configuration(NamedTuple):
    """A number of servers, in a number of groups of about the same size."""

    servers: int
    groups: int

    @property
    def name(self) -> str:
        """Return the key in the file of measurements."""
        return f"{self.servers} servers, {self.groups} group{'s' if self.groups > 1 else ''}"

    @property
    def is_possible(self) -> bool:
        """Return whether each group has at least one server."""
        return self.servers >= self.groups


def list_configurations() -> list[Configuration]:
    """Return all combinations, including the impossible ones."""
    return [Configuration(servers, groups) for servers in SERVERS for groups in GROUPS]
