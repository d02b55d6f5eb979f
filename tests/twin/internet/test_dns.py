"""Which record answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random

import pytest

from leeward.twin.internet.dns import DnsResolver, NoDnsAnswer


@dataclass
class FakeRecord:
    name: str = "www.example.com."
    type: str = "CNAME"
    ttl: int | None = 30
    records: list[str] = field(default_factory=list)
    set_identifier: str | None = None
    weight: int | None = None
    failover: str | None = None
    region: str | None = None
    health_check_id: str | None = None
    alias_target: dict[str, str] | None = None


def dns(*records: FakeRecord, unhealthy: tuple[str, ...] = ()) -> DnsResolver:
    return DnsResolver(lambda: records, lambda check: check not in unhealthy, Random(1))


PRIMARY = FakeRecord(records=["one"], failover="PRIMARY", health_check_id="first")
SECONDARY = FakeRecord(records=["two"], failover="SECONDARY", health_check_id="second")


@pytest.mark.parametrize(
    ("unhealthy", "answer"),
    [((), "one"), (("first",), "two"), (("second",), "one"), (("first", "second"), "one")],
)
def test_failover_records_follow_their_health_checks(unhealthy: tuple[str, ...], answer: str) -> None:
    assert dns(PRIMARY, SECONDARY, unhealthy=unhealthy).resolve("www.example.com").value == answer


def test_names_ignore_case_and_trailing_dot() -> None:
    assert dns(PRIMARY).resolve("WWW.Example.com.").ttl_seconds == 30


def test_name_without_record_has_no_answer() -> None:
    with pytest.raises(NoDnsAnswer, match=r"api\.example\.com"):
        dns(PRIMARY).resolve("api.example.com")


def weighted(**weights: int) -> tuple[FakeRecord, ...]:
    return tuple(FakeRecord(records=[name], weight=w, health_check_id=name) for name, w in weights.items())


def answers(resolver: DnsResolver) -> Counter[str]:
    return Counter(resolver.resolve("www.example.com").value for _ in range(1000))


def test_weights_determine_answer_share() -> None:
    seen = answers(dns(*weighted(blue=9, green=1)))
    assert 850 < seen["blue"] < 950


def test_zero_weight_is_never_answered() -> None:
    assert set(answers(dns(*weighted(blue=1, green=0)))) == {"blue"}


def test_all_zero_weights_mean_equal_shares() -> None:
    assert 400 < answers(dns(*weighted(blue=0, green=0)))["blue"] < 600


def test_unhealthy_weighted_record_is_skipped_unless_all_are() -> None:
    records = weighted(blue=9, green=1)
    assert set(answers(dns(*records, unhealthy=("blue",)))) == {"green"}
    assert set(answers(dns(*records, unhealthy=("blue", "green")))) == {"blue", "green"}


def test_alias_resolves_to_target() -> None:
    answer = dns(FakeRecord(type="A", alias_target={"DNSName": "lb.elb.amazonaws.com."})).resolve("www.example.com")
    assert (answer.value, answer.ttl_seconds) == ("lb.elb.amazonaws.com", 60)
