"""botocore's service models are read once per process, and moto's additions to them stay with moto."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import botocore.loaders
import botocore.session
import pytest
from moto.core.loaders import create_loader

from leeward.twin.aws.service_framework import service_models


@pytest.fixture(autouse=True)
def _shared_models() -> Iterator[None]:
    with service_models.MODEL_PATCHES.applied():
        yield


def test_sessions_share_loaded_models() -> None:
    first, second = (botocore.session.Session().get_component("data_loader") for _ in range(2))
    assert first is not second
    assert first.load_service_model("drs", "service-2") is second.load_service_model("drs", "service-2")


def test_shared_model_equals_botocore_model() -> None:
    plain = botocore.loaders.Loader(file_loader=botocore.loaders.JSONFileLoader())
    shared = botocore.loaders.Loader(file_loader=service_models.SharedModelLoader())
    for service in ("drs", "route53-recovery-cluster", "sns"):
        assert shared.load_service_model(service, "service-2") == plain.load_service_model(service, "service-2")


def test_moto_model_changes_do_not_reach_clients() -> None:
    plain = botocore.loaders.Loader(file_loader=botocore.loaders.JSONFileLoader())
    motos = create_loader().load_service_model("route53", "service-2")
    ours = boto3.Session()._session.get_component("data_loader").load_service_model("route53", "service-2")
    assert ours == plain.load_service_model("route53", "service-2")
    assert motos != ours


def test_missing_model_file_returns_none() -> None:
    assert service_models.SharedModelLoader().load_file("/nowhere/service-2") is None
    assert service_models.MotoModelLoader().load_file("/nowhere/service-2") is None


def test_the_services_are_listed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (botocore.session.Session().get_component("data_loader") for _ in range(2))
    listed = first.list_available_services("service-2")
    monkeypatch.setattr("os.listdir", None)  # whoever looked again would fail
    assert second.list_available_services("service-2") == listed
    assert "drs" in listed


def test_service_list_is_immutable() -> None:
    loader = botocore.session.Session().get_component("data_loader")
    loader.list_available_services("service-2").clear()
    assert "drs" in loader.list_available_services("service-2")
