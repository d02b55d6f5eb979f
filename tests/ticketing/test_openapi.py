"""The OpenAPI document: it is what the routes make, and the API keeps what it says, whatever is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.core.parameters import ParameterLocation

from tests.support.nonempty import nonempty
from tests.ticketing.two_region_service import HOME_REGION, POOLS, open_service
from tests.ticketing.wsgi_application import WsgiApplication
from workloads.ticketing.api import openapi
from workloads.ticketing.simulated_identity.user_pool import ADA

DOCUMENT: dict[str, Any] = json.loads(openapi.OPENAPI_FILE.read_text())
TOKEN = POOLS[HOME_REGION].issue_tokens(ADA)["id_token"]
APPLICATION = WsgiApplication(default_token=None)
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
SCHEMA.app = APPLICATION
EXAMPLES = 20


def test_openapi_document_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert openapi.main(["--check"]) == 0, capsys.readouterr().out


def test_openapi_drift_is_detected(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    old = tmp_path / "openapi.json"
    old.write_text(openapi.OPENAPI_FILE.read_text().replace("Ticketing", "Tickets"))
    monkeypatch.setattr(openapi, "OPENAPI_FILE", old)
    assert openapi.main(["--check"]) == 1


def test_every_error_response_is_a_problem_document() -> None:
    for path in nonempty(DOCUMENT["paths"].values()):
        for operation in path.values():
            for status, answer in operation["responses"].items():
                kinds = set(answer["content"])
                assert kinds == ({"application/json"} if status in ("200",) else kinds), status
                if status[0] == "4":
                    assert kinds == {"application/problem+json"}


@pytest.fixture(scope="module", autouse=True)
def _world() -> Iterator[None]:
    with open_service():
        yield


@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_api_conforms_to_openapi_document(case: Any) -> None:
    skipped = []
    asked = set(case.query or {})
    # A `next` that fits the schema is still no token that the API gave.
    if "next" in asked:
        skipped.append("positive_data_acceptance")
    # Every case is signed in, also where the token was to be left out (tests of their own do that); a parameter that
    # no operation knows is passed by, as trackers append them to any address.
    negated = {place for place, made in case.meta.components.items() if made.mode.is_negative}
    if ParameterLocation.HEADER in negated or asked - {"limit", "next"}:
        skipped.append("negative_data_rejection")
    case.call_and_validate(
        headers={"Authorization": f"Bearer {TOKEN}"},
        excluded_checks=[schemathesis.checks.CHECKS.get_one(name) for name in skipped],
    )
