from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from leeward.twin.engine import PATCHES
from tests.twin.aws.drs_world import DrsTestWorld, ManualClock


@pytest.fixture(autouse=True)
def _simulated_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # moto's list of public images takes long to load and is not looked at here.
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    # One boto3 session for all tests: it has read the service models already.
    with PATCHES.applied(), mock_aws(config={"core": {"reset_boto3_session": False}}):
        yield


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def world() -> DrsTestWorld:
    return DrsTestWorld()
