"""An outage of a service that the application itself needs takes its Region out of service, without the run's doing."""

from __future__ import annotations

from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.rehearsal.worlds.serverless.application_outages import has_application_outage, list_application_outages
from leeward.twin.interception import SERVICE_FAULTS
from tests.support.paths import REPOSITORY

HOME, AWAY = "eu-west-1", "ap-southeast-1"


def test_region_of_an_api_serves_only_while_its_services_work() -> None:
    with open_sweep_session(SweepTarget(REPOSITORY, "ticketing", "drill", 7)) as (session, _):
        engine, world = session.engine, session.world
        assert world.is_serving(AWAY)
        now = engine.clock.now()
        drs = engine.interceptor.schedule_service_outage("drs", AWAY, SERVICE_FAULTS["denied"], now, None)
        assert world.is_serving(AWAY), "the application needs no DRS"
        table = engine.interceptor.schedule_service_outage("dynamodb", AWAY, SERVICE_FAULTS["denied"], now, None)
        assert not world.is_serving(AWAY)
        assert world.is_serving(HOME)
        assert world.workload is not None
        assert list_application_outages(engine, world.workload.functions) == [table]
        assert list_application_outages(engine, ()) == []
        assert not has_application_outage(engine, (), AWAY)
        engine.interceptor.end_service_outages([drs, table])
        assert world.is_serving(AWAY)
