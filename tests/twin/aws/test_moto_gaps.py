"""Each mend of moto is needed as long as moto lacks what it adds: these fail when moto learns it."""

from __future__ import annotations

import inspect
from pathlib import Path

import moto
import moto.ec2.models.instances
import moto.route53.models
import moto.route53.responses
import pytest


def test_moto_still_drops_routing_control_of_health_check() -> None:
    for module in (moto.route53.models, moto.route53.responses):
        assert "RoutingControlArn" not in inspect.getsource(module)


def test_moto_still_reports_new_instances_as_ok() -> None:
    assert '"initializing"' not in inspect.getsource(moto.ec2.models.instances)


@pytest.mark.parametrize("service", ["drs", "route53recoverycluster", "route53recoverycontrolconfig"])
def test_moto_still_lacks_added_services(service: str) -> None:
    assert not (Path(moto.__file__).parent / service).exists()
