"""Nothing in the evidence holds a secret; what is no secret stays readable."""

from __future__ import annotations

import json
import time

import pytest

from leeward.control.journal.redaction import REDACTED, redact, redact_facts
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent, read_chain
from tests.support.task_world import START, TaskWorld

TASK_TOKEN = "AQCEAAAAKgAAAAMAAAAA" + "xT9/+b" * 100 + "=="
SECRETS = [
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAY34FZKBOKMUTVV7A",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJvcGVyYXRvciJ9.4pcPyMD09olPSyXnrXCjTwXyr4BsezdI1AVTmud2fU4",
    "hunter2",
    "xoxb-17653672481-19874698323",
    "T00000000/B00000000/XXXXXXXXXXXX",
    TASK_TOKEN,
]
TEXTS = [
    "aws_access_key_id AKIAIOSFODNN7EXAMPLE was used",
    "assumed ASIAY34FZKBOKMUTVV7A",
    "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY leaked",
    '{"secretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}',
    "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJvcGVyYXRvciJ9.4pcPyMD09olPSyXnrXCjTwXyr4BsezdI1AVTmud2fU4",
    "postgres://admin:hunter2@db.example.com/shop",
    "password=hunter2&user=me",
    "the password: 'hunter2'",
    "https://s3.amazonaws.com/b/k?X-Amz-Security-Token=hunter2&X-Amz-Signature=hunter2",
    "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----",
    "slack said xoxb-17653672481-19874698323",
    "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXX",
    f"the token is {TASK_TOKEN}",
]
PLAIN = [
    "1 on, 1 off; taken by eu-west-1, confirmed by ap-northeast-1",
    "secretsmanager:GetSecretValue: AccessDeniedException: not allowed",
    "arn:aws:secretsmanager:us-east-1:111122223333:secret:shop",
    "sts:AssumeRole: ExpiredToken: The security token included in the request is expired",
    "a" * 255,
    "basic authentication is off",
    "i-0123456789abcdef0, i-0fedcba9876543210 unprotected since 2026-03-01T09:20:11+00:00",
    "https://drs.us-east-1.amazonaws.com/DescribeSourceServers",
    "Überlast — 日本語 🙂",
]


@pytest.mark.parametrize("text", TEXTS)
def test_secret_in_text_is_redacted(text: str) -> None:
    kept = redact(text)
    assert REDACTED in kept
    assert not [secret for secret in SECRETS if secret in kept]


@pytest.mark.parametrize("text", PLAIN)
def test_ordinary_text_is_unchanged(text: str) -> None:
    assert redact(text) == text


def test_nested_facts_are_redacted() -> None:
    facts = {"server": {"tags": [{"Password": "hunter2"}], "note": "token=hunter2"}, "attempts": 3, "token": "short"}
    kept = redact_facts(facts)
    assert "hunter2" not in json.dumps(kept)
    assert kept["attempts"] == 3
    assert kept["token"] == REDACTED


def test_redaction_is_fast_for_any_text() -> None:
    began = time.process_time()
    for text in ("a-" * 20_000, "password" * 5_000, "://" + "a:" * 20_000, "token " * 8_000, "eyJ" * 20_000):
        redact(text)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("text", TEXTS)
def test_journal_entry_is_redacted(world: TaskWorld, text: str) -> None:
    journal = Journal(world.table, world.run["id"], "request")
    journal.write(
        JournalEntry(START, JournalEvent.STEP_FAILED, text, facts={"cause": text, "deep": [{"secret": text}]})
    )
    (link,) = read_chain(world.table, world.run["id"])
    assert not [secret for secret in SECRETS if secret in link.model_dump_json()]
