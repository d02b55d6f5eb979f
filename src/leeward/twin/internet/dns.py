"""Resolves DNS names from Route 53 records and the state of their health checks.

moto stores records and never answers a query. The choice among records with the same name follows Route 53's
documentation:

- Failover records: the primary while it is healthy, otherwise the secondary. If both are unhealthy, the primary.
- Weighted records: a random choice among the healthy ones, in proportion to their weights. If all weights are 0, each
  record is equally likely. A record of weight 0 answers if no healthy record has a higher weight.
- Latency records: among the healthy ones, the record of the Region that is nearest to the resolver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Protocol

# Route 53's own TTL for an alias to an ELB load balancer.
ALIAS_TTL_SECONDS = 60


class DnsRecord(Protocol):
    """The part of moto's `RecordSet` that an answer depends on."""

    name: str
    type: str
    ttl: int | str | None
    records: list[str]
    set_identifier: str | None
    weight: int | str | None
    failover: str | None
    region: str | None
    health_check_id: str | None
    alias_target: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """The answer that a resolver receives and may cache for `ttl_seconds`."""

    value: str
    ttl_seconds: int


class NoDnsAnswer(Exception):
    """The name has no record."""


class DnsResolver:
    """A resolver for the given records. `is_check_healthy(health_check_id)` returns the state of a health check."""

    def __init__(
        self, records: Callable[[], Iterable[DnsRecord]], is_check_healthy: Callable[[str], bool], random: Random
    ) -> None:
        self._records = records
        self._is_check_healthy = is_check_healthy
        self._random = random

    def resolve(self, name: str, nearest_region: str | None = None) -> DnsAnswer:
        """Return one answer for `name` now, for a resolver that is nearest to `nearest_region`. Raises NoDnsAnswer."""
        candidates = self._candidates(name)
        if not candidates:
            raise NoDnsAnswer(f"no record answers for {name}")
        record = self._choose_record(candidates, nearest_region)
        if record.alias_target:
            return DnsAnswer(record.alias_target["DNSName"].rstrip("."), ALIAS_TTL_SECONDS)
        return DnsAnswer(record.records[0].rstrip("."), int(record.ttl or 0))

    def longest_ttl(self, name: str) -> timedelta:
        """Return the longest TTL of the present answers for `name`, whichever of its records they come from."""
        seconds = [ALIAS_TTL_SECONDS if r.alias_target else int(r.ttl or 0) for r in self._candidates(name)]
        return timedelta(seconds=max(seconds, default=0))

    def possible_answers(self, name: str) -> set[str]:
        """Return every value that some resolver could receive now."""
        normalized_name = name.rstrip(".").lower()
        candidates = [r for r in self._records() if r.name.rstrip(".").lower() == normalized_name]
        if any(r.failover for r in candidates):
            return {self._choose_record(candidates, None).records[0]}
        pool = [r for r in candidates if self._is_healthy(r)] or candidates
        if any(r.weight is not None for r in candidates):
            pool = [r for r in pool if int(r.weight or 0)] or pool
        return {r.records[0] for r in pool if r.records}

    def _candidates(self, name: str) -> list[DnsRecord]:
        normalized_name = name.rstrip(".").lower()
        return [
            r for r in self._records() if r.name.rstrip(".").lower() == normalized_name and r.type in ("A", "CNAME")
        ]

    def _choose_record(self, candidates: Sequence[DnsRecord], nearest_region: str | None) -> DnsRecord:
        by_role = {r.failover: r for r in candidates if r.failover}
        if by_role:
            primary, secondary = by_role.get("PRIMARY"), by_role.get("SECONDARY")
            if primary and (self._is_healthy(primary) or secondary is None or not self._is_healthy(secondary)):
                return primary
            return secondary or candidates[0]
        if any(r.region for r in candidates):
            return self._choose_by_latency(candidates, nearest_region)
        if any(r.weight is not None for r in candidates):
            return self._choose_by_weight(candidates)
        return candidates[0]

    def _choose_by_latency(self, candidates: Sequence[DnsRecord], nearest_region: str | None) -> DnsRecord:
        # Of two Regions: the nearest, or the other one. If every record is unhealthy, all of them count as healthy.
        pool = [r for r in candidates if self._is_healthy(r)] or list(candidates)
        return next((r for r in pool if r.region == nearest_region), pool[0])

    def _choose_by_weight(self, candidates: Sequence[DnsRecord]) -> DnsRecord:
        # If every record is unhealthy, Route 53 treats all of them as healthy.
        pool = [r for r in candidates if self._is_healthy(r)] or list(candidates)
        weights = [int(r.weight or 0) for r in pool]
        if not any(weights):
            weights = [1] * len(pool)
        return self._random.choices(pool, weights)[0]

    def _is_healthy(self, record: DnsRecord) -> bool:
        return record.health_check_id is None or self._is_check_healthy(record.health_check_id)
