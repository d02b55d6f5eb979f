"""What vouches for exports, and where the board lies: as synthesised, and with a key made as the template says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from leeward.cli.main import main
from leeward.common.aws.clients import cached_client, client
from leeward.common.aws.tables.state_table import StateTable
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent
from tests.infra.conftest import Template
from tests.infra.template_queries import all_texts, resources_of_type
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY
from tests.support.sample_journals import RUN, failover

ACCOUNT, REGIONS = "111122223333", ("us-east-1", "us-west-2")
LIVE = "website.failover.live-1"


@pytest.fixture(scope="module")
def evidence(website: dict[str, Template]) -> dict[str, Template]:
    """By Region."""
    return {region: website[f"leeward-website-evidence-{region}"] for region in REGIONS}


def single(found: dict[str, Any]) -> Any:
    (one,) = found.values()
    return one


def policy(template: Template, what: str) -> list[dict[str, Any]]:
    found = resources_of_type(template, "AWS::IAM::ManagedPolicy").values()
    (one,) = [p for p in found if p["ManagedPolicyName"].startswith(f"leeward-website-{what}-")]
    return list(one["PolicyDocument"]["Statement"])


def test_each_region_has_retained_signing_key(evidence: dict[str, Template]) -> None:
    for template in nonempty(evidence.values()):
        (logical,) = resources_of_type(template, "AWS::KMS::Key")
        key = template["Resources"][logical]
        assert (key["Properties"]["KeySpec"], key["Properties"]["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
        assert key["DeletionPolicy"] == "Retain"
        assert single(resources_of_type(template, "AWS::KMS::Alias"))["AliasName"] == "alias/leeward-website-evidence"


def test_signer_policy_allows_only_read_and_sign(evidence: dict[str, Template]) -> None:
    for template in nonempty(evidence.values()):
        actions = {statement["Action"] for statement in policy(template, "signer")}
        assert actions == {"dynamodb:Query", "kms:Decrypt", "kms:GetPublicKey", "kms:Sign"}
        signs = next(s for s in policy(template, "signer") if s["Action"] == "kms:Sign")
        assert signs["Condition"] == {"StringEquals": {"kms:SigningAlgorithm": "ECDSA_SHA_256"}}


def test_task_roles_may_not_sign(website: dict[str, Template], evidence: dict[str, Template]) -> None:
    for template in nonempty(evidence.values()):
        statements = single(resources_of_type(template, "AWS::KMS::Key"))["KeyPolicy"]["Statement"]
        (denied,) = [s for s in statements if s["Effect"] == "Deny"]
        assert denied["Action"] == "kms:Sign"
        assert denied["Condition"]["ArnLike"] == {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/leeward/*"}
    for template in nonempty(website.values()):
        for role in resources_of_type(template, "AWS::IAM::Role").values():
            assert "kms:Sign" not in set(all_texts(role))


def test_board_bucket_is_private_encrypted_versioned_and_tls_only(evidence: dict[str, Template]) -> None:
    """It stands where readiness looks; the other Region has none."""
    assert not resources_of_type(evidence["us-east-1"], "AWS::S3::Bucket")
    template = evidence["us-west-2"]
    bucket = single(resources_of_type(template, "AWS::S3::Bucket"))
    assert bucket["BucketName"] == f"leeward-website-board-{ACCOUNT}-us-west-2"
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert rule["BucketKeyEnabled"] is True
    key = rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]
    assert "".join(all_texts(key)).endswith(f":kms:us-west-2:{ACCOUNT}:alias/leeward-website")
    (statement,) = single(resources_of_type(template, "AWS::S3::BucketPolicy"))["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    reads = {s["Action"] for s in policy(template, "board-reader")}
    assert reads == {"s3:GetObject", "s3:ListBucket", "kms:Decrypt"}


def test_board_is_written_after_readiness_questions_and_ends(evidence: dict[str, Template]) -> None:
    (rule,) = resources_of_type(evidence["us-west-2"], "AWS::Events::Rule").values()
    pattern = rule["EventPattern"]
    assert pattern["detail"] == {"application": ["website"]}
    assert {"Leeward Readiness Looked", "Leeward Question Asked", "Leeward Run Ended"} <= set(pattern["detail-type"])
    (target,) = rule["Targets"]
    assert target["Arn"] == f"arn:aws:lambda:us-west-2:{ACCOUNT}:function:leeward-website-board"
    assert json.loads(target["Input"])["bucket"] == f"leeward-website-board-{ACCOUNT}-us-west-2"


def test_deployment_triggers_readiness_check(website: dict[str, Template]) -> None:
    def deployed(region: str) -> Any:
        rules = resources_of_type(website[f"leeward-website-triggers-{region}"], "AWS::Events::Rule").values()
        (found,) = [r for r in rules if r.get("EventPattern", {}).get("source") == ["aws.cloudformation"]]
        return found

    for region in REGIONS:
        stacks = [each["prefix"] for each in deployed(region)["EventPattern"]["detail"]["stack-id"]]
        assert f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/leeward-website-" in stacks
        assert f"arn:aws:cloudformation:us-west-2:{ACCOUNT}:stack/website-" in stacks
    assert deployed("us-west-2")["Targets"][0]["Arn"].endswith(":function:leeward-website-readiness")
    forwarded = deployed("us-east-1")["Targets"][0]
    assert forwarded["Arn"] == f"arn:aws:events:us-west-2:{ACCOUNT}:event-bus/default"
    assert forwarded["RoleArn"]


@pytest.fixture
def account(evidence: dict[str, Template], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account in which a run was, with the keys of the templates."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    cached_client.cache_clear()
    with mock_aws():
        for region, template in evidence.items():
            output = single(resources_of_type(template, "AWS::KMS::Key"))
            kms = boto3.client("kms", region)
            made = kms.create_key(KeySpec=output["KeySpec"], KeyUsage=output["KeyUsage"])["KeyMetadata"]["KeyId"]
            alias = single(resources_of_type(template, "AWS::KMS::Alias"))["AliasName"]
            kms.create_alias(AliasName=alias, TargetKeyId=made)
            boto3.client("dynamodb", region).create_table(
                TableName="leeward-website",
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
                AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
                BillingMode="PAY_PER_REQUEST",
            )
        table = StateTable(client("dynamodb", "us-west-2"), "leeward-website")
        for link in failover():
            facts = json.loads(json.dumps(dict(link.facts)).replace(RUN, LIVE).replace('"shop"', '"website"'))
            entry = JournalEntry(link.at, JournalEvent(link.event), link.detail, link.step, link.attempt, facts)
            Journal(table, LIVE, f"request-{link.seq}").write(entry)
        yield
    cached_client.cache_clear()


def test_export_is_signed_with_target_region_key(
    account: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the documented command to the auditor's desk, where there is no network."""
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "website").symlink_to(REPOSITORY / "runbooks" / "website")
    monkeypatch.chdir(tmp_path)
    assert main(["export", LIVE]) == 0
    output = capsys.readouterr().out
    own = boto3.client("kms", "us-west-2").get_public_key(KeyId="alias/leeward-website-evidence")
    assert f"signed by {own['KeyId']}" in output
    bundle = f"{LIVE}.leeward.zip"
    assert main(["verify", bundle]) == 1
    output = capsys.readouterr().out
    assert "which is not a trusted key" in output
    printed = next(word for word in output.split() if word.startswith("SHA256:")).rstrip(",")
    (tmp_path / "runbooks" / "evidence-keys.txt").write_text(f"{printed} us-west-2\n")
    cached_client.cache_clear()
    monkeypatch.setattr("socket.socket.connect", _no_network)
    assert main(["verify", bundle]) == 0


def _no_network(*_: object) -> None:
    raise AssertionError("verify asked the network")
