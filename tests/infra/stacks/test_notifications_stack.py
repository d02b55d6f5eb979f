"""What Slack and PagerDuty are sent, from the rules as they are synthesised."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from leeward.rehearsal.session.rehearsal_session import DEFAULT_START
from leeward.twin.events.eventbridge.event_documents import EventSource, custom_event
from leeward.twin.events.eventbridge.input_transformer import make_target_input
from tests.infra.conftest import Template
from tests.infra.template_queries import all_texts, resources_of_type

HOSTILE_TEXT = 'a "quoted" <script>\nline & {"json": 1} 🚨' + "n" * 255
RUN = "website.failover.20260301-090000"


@pytest.fixture(scope="module")
def outlets(website: dict[str, Template]) -> Template:
    return website["leeward-website-outlets-us-west-2"]


def rule(template: Template, target: str) -> Any:
    rules = resources_of_type(template, "AWS::Events::Rule").values()
    return next(r for r in rules if r["Targets"][0]["Id"] == target)


def event(kind: str, text: str = HOSTILE_TEXT, application: str = "website") -> Any:
    detail = {"application": application, "run": RUN, "text": text, "target": "us-west-2"}
    entry = {"Source": "leeward", "DetailType": kind, "Detail": json.dumps(detail)}
    return custom_event(EventSource("e1", "111122223333", "us-west-2"), entry, DEFAULT_START)


def sent_payload(template: Template, target: str, event_document: Any) -> Any:
    found = rule(template, target)
    return json.loads(make_target_input(found["Targets"][0], event_document, "arn:x", "x"))


def test_chat_receives_custom_notification(outlets: Template) -> None:
    """Whatever the text holds, it is JSON of the shape that the chat knows."""
    assert sent_payload(outlets, "chat", event("Leeward Question Asked")) == {
        "version": "1.0",
        "source": "custom",
        "content": {"title": f"Leeward Question Asked: {RUN}", "description": HOSTILE_TEXT},
    }


def test_pager_receives_one_incident_per_run(outlets: Template) -> None:
    made = sent_payload(outlets, "pager", event("Leeward Step Failed"))
    assert (made["event_action"], made["dedup_key"]) == ("trigger", RUN)
    assert made["payload"] == {
        "summary": f"Leeward Step Failed: {RUN}", "source": RUN, "severity": "critical", "component": "us-west-2",
        "custom_details": {"text": HOSTILE_TEXT},
    }  # fmt: skip
    assert "routing_key" not in made, "the key is the connection's, from Secrets Manager"


@pytest.mark.parametrize(("target", "kind", "wanted"), [
    ("chat", "Leeward Run Ended", True), ("chat", "Leeward Step Done", False),
    ("pager", "Leeward Question Asked", True), ("pager", "Leeward Run Ended", False),
])  # fmt: skip
def test_event_rules_select_outlet(outlets: Template, target: str, kind: str, wanted: bool) -> None:
    pattern = EventPattern.load(json.dumps(rule(outlets, target)["EventPattern"]))
    assert pattern.matches_event(event(kind)) is wanted
    assert not pattern.matches_event(event(kind, application="another"))


def test_pager_key_is_not_in_template(outlets: Template) -> None:
    (connection,) = resources_of_type(outlets, "AWS::Events::Connection").values()
    (parameter,) = connection["AuthParameters"]["InvocationHttpParameters"]["BodyParameters"]
    assert (parameter["Key"], parameter["IsValueSecret"]) == ("routing_key", True)
    assert parameter["Value"] == "{{resolve:secretsmanager:leeward/pagerduty}}"


def test_chat_role_has_no_permissions(outlets: Template) -> None:
    (channel,) = resources_of_type(outlets, "AWS::Chatbot::SlackChannelConfiguration").values()
    assert (channel["SlackWorkspaceId"], channel["SlackChannelId"]) == ("T0123ABCD", "C0123ABCD")
    assert "".join(all_texts(channel["GuardrailPolicies"])).endswith("policy/AWSDenyAll")
    role = outlets["Resources"][channel["IamRoleArn"]["Fn::GetAtt"][0]]["Properties"]
    assert "Policies" not in role
