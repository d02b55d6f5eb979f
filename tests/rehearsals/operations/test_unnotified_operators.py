"""A run whose questions SNS could not send: its operator sees it in `status`, `watch`, and `show`, and answers."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.rehearsals.operations.conftest import Leeward
from tests.support.served_twin import ServedTwin

UNSENT = "the team could not be notified: "
RUN = "website.failover.unheard"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedTwin]:
    """A calm world whose time a test moves on, and whose SNS fails."""
    made = ServedTwin("--json", "--pace", "5", lines=1, log=tmp_path_factory.mktemp("server") / "stderr")
    fault = {"kind": "service", "service": "sns", "region": "us-west-2", "fault": "server-error"}
    assert made.post("fault", fault).status == 200
    yield made
    made.close()


def test_unsent_question_is_shown_and_answered(host: ServedTwin, leeward: Leeward) -> None:
    code, output = leeward("start", "website", "failover", "--name", "unheard", "--reason", "a drill")
    assert code == 0, output
    host.advance(30)
    code, output = leeward("status", "website")
    asked = f"default: reject {UNSENT}website failover: approval required: sns:Publish: ServiceUnavailable"
    assert (code, asked in output, output.count(UNSENT)) == (1, True, 1), output
    (document,) = json.loads(leeward("status", "website", "--json")[1])
    (unsent,) = document["runs"][0]["unsent_messages"]
    assert unsent["subject"] == "website failover: approval required"
    code, output = leeward("watch", RUN, "--once")
    assert (code, f"RUNNING; {UNSENT}sns:Publish: ServiceUnavailable" in output) == (0, True), output
    assert json.loads(leeward("watch", RUN, "--once", "--json")[1])["unsent_messages"] == [unsent]
    code, output = leeward("reject", RUN, "--reason", "not today", who="bob")
    assert (code, "reject by arn:aws:iam::111122223333:user/bob" in output) == (0, True), output
    host.advance(60)
    code, output = leeward("watch", RUN, "--once")
    ended = f"{UNSENT}website failover: failed: sns:Publish"
    assert (code, "FAILED, Rejected" in output, ended in output) == (1, True, True), output
    code, output = leeward("status", "website")
    assert (code, ended in output) == (0, True), output
    code, output = leeward("show", RUN)
    assert (ended in output, "message.unsent" in output) == (True, True), output
