"""What takes time on the network of a world: probes, propagation, and requests to a Region that doesn't respond."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import boto3
import pytest

from leeward.rehearsal.runner.routing_comparison import compare_routing_variants
from leeward.rehearsal.scenarios.scenario_documents import Scenario, ScenarioIncident
from leeward.rehearsal.scenarios.scenario_loader import load_world_document
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.worlds.users.client_network import connection_lifetime
from leeward.state_machines.application.application_document import VariantName
from leeward.state_machines.build import build_runbook
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.components.route53_weighted_records import WeightedRecordsComponent
from leeward.traffic.checks.http_checks import PageCheck, run_check
from leeward.twin.internet.health.health_check_timing import longest_detection
from leeward.twin.realism.realism_settings import Realism, RealismPart
from tests.support.paths import REPOSITORY

DAY = timedelta(days=1)


def session(
    application: str, failed_region: str, seed: int, *without: RealismPart, variant: VariantName | None = None
) -> RehearsalSession:
    """A world whose Region fails after 61 s, without the named parts of realistic time."""
    incident = ScenarioIncident(at=timedelta(seconds=61), dark=failed_region)
    return RehearsalSession(
        build_runbook(REPOSITORY / "runbooks", application, "failover"),
        load_world_document(REPOSITORY / "workloads", application),
        Scenario(scenario="outage", incident=incident),
        seed,
        variant=variant,
        realism=Realism().without(*without),
    )


def seconds_until(stage: RehearsalSession, condition: Callable[[], bool]) -> float:
    began_at = stage.engine.clock.now()
    while not condition():
        stage.engine.clock.sleep(0.25)
        assert stage.engine.clock.now() - began_at < DAY
    return (stage.engine.clock.now() - began_at).total_seconds()


def seconds_until_detected(seed: int, *without: RealismPart) -> float:
    with session("ticketing", "eu-west-1", seed, *without) as stage:
        stage.wait_without_users(timedelta(seconds=61))
        ((_, api),) = stage.application.components_of_kind(RestApiComponent)
        health = stage.world.application_dns.health_checks
        return seconds_until(stage, lambda: not health.is_healthy(api.health.ids["eu-west-1"]))


def test_health_check_of_unavailable_region_waits_for_timeouts() -> None:
    """Three probes of 6 s each, 10 s apart, and the propagation of the status."""
    detected = [seconds_until_detected(seed) for seed in (1, 2)]
    assert detected[0] != detected[1]
    assert all(
        3 * 6 + 2 * 10 < each <= longest_detection(timedelta(seconds=10), 3).total_seconds() for each in detected
    )
    assert seconds_until_detected(1, RealismPart.HEALTH_CHECK_TIMING) <= 30


def propagation_seconds(seed: int, *without: RealismPart) -> float:
    with session("website", "us-east-1", seed, *without) as stage:
        ((_, controls),) = stage.application.components_of_kind(RoutingControlsComponent)
        region, url = next(iter(controls.endpoints.items()))
        stage.wait_without_users(timedelta(seconds=5))  # the initial states have long taken effect
        api = boto3.client("route53-recovery-cluster", region_name=region, endpoint_url=url)
        states = [("us-east-1", "Off"), ("us-west-2", "On")]
        api.update_routing_control_states(
            UpdateRoutingControlStateEntries=[
                {"RoutingControlArn": controls.controls[region], "RoutingControlState": state}
                for region, state in states
            ]
        )
        assert stage.application.site is not None
        host = urlsplit(stage.application.site.url).hostname or ""
        target = stage.application.site.endpoints["us-west-2"]
        return seconds_until(stage, lambda: stage.world.application_dns.resolver.resolve(host).value == target)


def test_routing_control_takes_effect_after_drawn_time() -> None:
    drawn = [propagation_seconds(seed) for seed in (1, 2, 3)]
    assert len(set(drawn)) > 1
    assert all(10 <= each <= 15.25 for each in drawn)
    assert propagation_seconds(1, RealismPart.HEALTH_CHECK_TIMING) == 10


def record_change_seconds(seed: int, *without: RealismPart) -> float:
    """Move all weight to Singapore. Return the seconds until every DNS answer follows."""
    with session("ticketing", "eu-west-1", seed, *without, variant="weighted") as stage:
        ((_, weighted),) = stage.application.components_of_kind(WeightedRecordsComponent)
        resolver = stage.world.application_dns.resolver
        values = {weighted.values[region] for region in weighted.values}
        before = resolver.possible_answers(weighted.record)
        assert len(before) == 1  # the records of the initial world are in effect
        route53 = stage.engine.client("route53", "us-east-1")
        found = route53.list_resource_record_sets(HostedZoneId=weighted.hosted_zone)["ResourceRecordSets"]
        records = [record | {"Weight": 100 - record["Weight"]} for record in found if "Weight" in record]
        changes = [{"Action": "UPSERT", "ResourceRecordSet": record} for record in records]
        route53.change_resource_record_sets(HostedZoneId=weighted.hosted_zone, ChangeBatch={"Changes": changes})
        stored = stage.world.application_dns.record_weights()
        assert stored[weighted.set_identifiers["ap-southeast-1"]] == 100
        return seconds_until(stage, lambda: resolver.possible_answers(weighted.record) == values - before)


def test_record_change_takes_effect_after_drawn_time() -> None:
    drawn = [record_change_seconds(seed) for seed in (1, 2)]
    assert drawn[0] != drawn[1]
    assert all(10 <= each <= 60.25 for each in drawn)
    assert record_change_seconds(1, RealismPart.DNS_PROPAGATION) == 0


@pytest.mark.parametrize(("without", "seconds"), [((), 3), ((RealismPart.REQUEST_TIMEOUTS,), 0)])
def test_check_of_unavailable_region_waits_for_its_own_timeout(
    without: tuple[RealismPart, ...], seconds: float
) -> None:
    with session("website", "us-east-1", 7, *without) as stage:
        assert stage.application.site is not None
        endpoint = stage.application.site.endpoints["us-east-1"]
        stage.wait_until(stage.incident_at)
        began_at = stage.engine.clock.now()
        result = run_check(PageCheck(url=f"http://{endpoint}/"), timeout_seconds=3)
        assert not result.passed
        assert (stage.engine.clock.now() - began_at).total_seconds() == seconds


def test_check_of_unknown_name_fails_at_once() -> None:
    with session("website", "us-east-1", 7) as stage:
        began_at = stage.engine.clock.now()
        assert not run_check(PageCheck(url="http://nowhere.example.com/"), timeout_seconds=3).passed
        assert stage.engine.clock.now() == began_at


def test_clients_of_site_and_api_have_lifetimes_of_their_documents() -> None:
    website = connection_lifetime(load_world_document(REPOSITORY / "workloads", "website"))
    assert (website.shortest, website.longest) == (timedelta(seconds=60), timedelta(seconds=60))
    ticketing = connection_lifetime(load_world_document(REPOSITORY / "workloads", "ticketing"))
    assert (ticketing.shortest, ticketing.longest) == (timedelta(seconds=20), timedelta(seconds=60))


def test_load_balancer_keeps_connections_for_an_hour_by_default() -> None:
    world = load_world_document(REPOSITORY / "workloads", "website")
    users = world.users.model_copy(update={"connection_lifetime": None})
    assert connection_lifetime(world.model_copy(update={"users": users})).shortest == timedelta(hours=1)


@pytest.mark.verify("sixty simulated incidents")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_users_leave_failed_region_within_bound(seed: int) -> None:
    comparison = compare_routing_variants(REPOSITORY, "ticketing", seed=seed, users=12)
    measured = [
        (each.scenario, each.variant, each.measured_seconds, each.bound_seconds) for each in comparison.variants
    ]
    assert len(measured) == 5 * 4
    assert [each for each in measured if each[2] > each[3]] == []
    assert comparison.passed
