"""The state that isn't compared, with the reason for each entry. Everything that isn't listed here is compared.

An entry names a service, a kind of resource, and an ID as patterns of `fnmatch`. Without `fields`, the whole resource
is ignored. `only_if` limits an entry to resources whose fields match these patterns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class IgnoredState:
    """One entry of the list. `fields` are paths such as `targets/*/passed`."""

    service: str
    kind: str
    reason: str
    id: str = "*"
    fields: tuple[str, ...] = ()
    only_if: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_unconditional(self) -> bool:
        """Return whether the entry concerns every resource of the kind."""
        return self.id == "*" and not self.only_if

    @property
    def paths(self) -> list[tuple[str, ...]]:
        """Return the paths of the ignored fields, in parts."""
        return [tuple(path.split("/")) for path in self.fields]

    def covers(self, service: str, kind: str) -> bool:
        """Return whether the entry concerns resources of this kind."""
        return fnmatchcase(service, self.service) and fnmatchcase(kind, self.kind)

    def matches(self, resource_id: str) -> bool:
        """Return whether the entry concerns a resource with this normalized ID."""
        return self.id == "*" or fnmatchcase(resource_id, self.id)

    def applies_to(self, text_of: Callable[[str], str]) -> bool:
        """Return whether the fields of a resource match `only_if`. `text_of` returns the text of a field."""
        return all(fnmatchcase(text_of(name), pattern) for name, pattern in self.only_if.items())


_RUN_RECORD = "a run's own record of what it did; the journal's invariants check it, and a recovery adds to it"
_TWIN_INTERNAL = "how the twin simulates, not what AWS holds"
_HISTORY = "a list of past events, which is longer the more a run had to repeat"

IGNORED_STATE: tuple[IgnoredState, ...] = (
    # -- the record of the session's own runs. Rows of other runs, and the lock, are compared.
    IgnoredState("dynamodb", "rows", _RUN_RECORD, id="*/RUN#<run>/E#*"),
    IgnoredState("dynamodb", "rows", _RUN_RECORD, id="*/RUN#<run>/F#*"),
    IgnoredState("dynamodb", "rows", _RUN_RECORD, id="*/RUNS#*/<time>#<run>"),
    IgnoredState("dynamodb", "rows", _RUN_RECORD, id="*/ORDER#<run>/*"),
    IgnoredState("dynamodb", "rows", _RUN_RECORD, id="*/NOTE#<run>/*"),
    IgnoredState("dynamodb", "rows", _RUN_RECORD, id="*/QUESTION#<run>/*"),
    IgnoredState("stepfunctions", "executions", _RUN_RECORD, only_if={"exec_arn": "*:execution:<run>"}),
    IgnoredState("sns", "sent notifications", "messages to operators; a run that failed sends more of them"),
    # -- history
    IgnoredState("drs", "events", _HISTORY),
    IgnoredState(
        "drs", "jobs", "an ended job changes nothing more; an active one is compared", only_if={"status": "COMPLETED"}
    ),
    IgnoredState("drs", "servers", "the duration of syncs and outages", fields=("replication/spans",)),
    IgnoredState("lambda", "invocations", _HISTORY),
    IgnoredState("cloudwatch", "metric_data", "measurements; a longer run publishes more of them"),
    IgnoredState("cloudwatch", "settings", "measurements, by page", fields=("paged_metric_data",)),
    IgnoredState("dynamodb", "overwritten", _HISTORY),
    IgnoredState(
        "route53",
        "zones",
        "the changes that led to the records, which are compared",
        fields=("rr_changes", "twin_changes"),
    ),
    IgnoredState("dynamodb", "tables", "the records of a table's stream", fields=("stream_shard/items",)),
    IgnoredState(
        "elbv2",
        "twin_target_health._groups",
        "counts of health checks",
        fields=("targets/*/passed", "targets/*/failed"),
    ),
    IgnoredState(
        "elbv2",
        "target_groups",
        "moto's record of targets that are gone; the present ones are compared",
        fields=("deregistered_targets", "terminated_targets"),
    ),
    IgnoredState(
        "elbv2",
        "twin_target_health._groups",
        "targets that were deregistered; a state is read after their delay has passed",
        fields=("draining",),
    ),
    IgnoredState("route53-recovery-control-config", "own_state.recent_changes", _HISTORY),
    # -- the bookkeeping of moto and the twin
    IgnoredState(
        "elbv2",
        "load_balancers",
        "moto derives the ARN of a default rule from a memory address",
        fields=("listeners/*/_default_rule/*/arn",),
    ),
    IgnoredState("drs", "settings", "the number of IDs that were generated", fields=("_id_count",)),
    IgnoredState("route53-recovery-control-config", "settings", "the number of IDs", fields=("own_state.key_count",)),
    IgnoredState("lambda", "environments.*", "warm execution environments, which time out"),
    IgnoredState("elbv2", "settings", _TWIN_INTERNAL, fields=("twin_target_health._draws._counts",)),
    IgnoredState("lambda", "settings", _TWIN_INTERNAL, fields=("environments._draws._counts", "faults.*")),
    IgnoredState(
        "dynamodb",
        "rows",
        "which Region answered a check by the canary user, which depends on when DNS answers expire",
        fields=("attrs/region",),
        only_if={"attrs": "*canary@*"},
    ),
    IgnoredState(
        "dynamodb",
        "rows",
        "markers that a failed step left in an application's table, which deletes them when they expire",
        id="*/#marker#*",
        only_if={"attrs": "*expiresAt*"},
    ),
    IgnoredState("dynamodb", "_stamps", _TWIN_INTERNAL),
    IgnoredState(
        "dynamodb", "_waiting", "rows on their way to another Region; they are compared where they were written"
    ),
    IgnoredState("dynamodb", "tables", "the twin's index of rows, which are compared", fields=("twin_indexes",)),
    IgnoredState("dynamodb", "settings", _TWIN_INTERNAL, fields=("_arrivals", "_count", "_records", "slowest_lag")),
    IgnoredState(
        "ec2",
        "settings",
        "moto keeps the IDs of deleted launch templates; the present ones are compared",
        fields=("launch_template_insert_order",),
    ),
    IgnoredState("ec2", "reservations", "it only groups instances, which are compared"),
)

# Resources of which only the different ones are compared, and not how many equal ones there are.
UNCOUNTED_STATE: tuple[IgnoredState, ...] = (
    IgnoredState("dynamodb", "rows", "a check by synthetic transactions writes a row each time that it is repeated"),
)


def omitted_paths(service: str, kind: str) -> list[tuple[str, ...]] | None:
    """Return the fields of a kind that are never compared, or None if the kind isn't. They needn't be read."""
    entries = [each for each in IGNORED_STATE if each.is_unconditional and each.covers(service, kind)]
    if any(not each.fields for each in entries):
        return None
    return [path for each in entries for path in each.paths]
