"""A bundle that was touched is found out, and told where."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from leeward.common.errors import InvalidInput
from leeward.control.journal.hash_chain import GENESIS_HASH, ChainedEntry
from leeward.control.journal.run_journal import JournalEvent
from leeward.evidence.signed_bundle import bundle_file
from leeward.evidence.signed_bundle.bundle_file import (
    EVIDENCE_MEMBER,
    JOURNAL_MEMBER,
    MANIFEST_MEMBER,
    SIGNATURE_MEMBER,
)
from leeward.evidence.signed_bundle.signing_keys import FileKey, KmsKey, compute_fingerprint
from leeward.evidence.signed_bundle.verification import verify_bundle
from tests.support.sample_journals import evidence, failover, resumed

NOW = datetime(2026, 3, 2, tzinfo=UTC)
Members = dict[str, bytes]


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> FileKey:
    return FileKey.load_or_create(tmp_path_factory.mktemp("keys") / "own.pem")


@pytest.fixture
def exported(tmp_path: Path, key: FileKey) -> Path:
    return bundle_file.write_bundle(evidence(failover()), key, tmp_path / "run.leeward.zip", NOW)


def findings(path: Path, *keys: FileKey) -> str:
    found = verify_bundle(bundle_file.read_bundle(path), {compute_fingerprint(each.public_pem) for each in keys})
    return "\n".join(f"{each.where}: {each.what}" for each in found)


def rewrite(path: Path, change: Callable[[Members], None]) -> Path:
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def test_exported_bundle_verifies(exported: Path, key: FileKey) -> None:
    assert findings(exported, key) == ""


def test_bundle_of_resumed_run_verifies(key: FileKey, tmp_path: Path) -> None:
    links = resumed()
    assert findings(bundle_file.write_bundle(evidence(links), key, tmp_path / "run.leeward.zip", NOW), key) == ""
    going_on = next(n for n, link in enumerate(links) if link.event == JournalEvent.RUN_RESUMED) + 1
    under_way = evidence(links[:going_on])
    assert findings(bundle_file.write_bundle(under_way, key, tmp_path / "early.leeward.zip", NOW), key) == ""
    nicer = under_way.model_copy(update={"outcome": "succeeded"})
    assert "run continues" in findings(bundle_file.write_bundle(nicer, key, tmp_path / "nicer.leeward.zip", NOW), key)


def test_export_is_deterministic(exported: Path, key: FileKey, tmp_path: Path) -> None:
    again = bundle_file.write_bundle(evidence(failover()), key, tmp_path / "again.zip", NOW)
    assert again.read_bytes() == exported.read_bytes()


def test_untrusted_key_is_reported(exported: Path, key: FileKey, tmp_path: Path) -> None:
    other = FileKey.load_or_create(tmp_path / "other.pem")
    assert f"signed by {compute_fingerprint(key.public_pem)}, which is not a trusted key" in findings(exported, other)


def test_bundle_resigned_with_another_key_is_reported(exported: Path, key: FileKey, tmp_path: Path) -> None:
    """A forger may sign: with a key of their own, and that shows."""
    other = FileKey.load_or_create(tmp_path / "other.pem")

    def sign_again(members: Members) -> None:
        output = json.loads(members[SIGNATURE_MEMBER])
        output |= {"key": other.public_pem, "fingerprint": compute_fingerprint(other.public_pem)}
        output["signature"] = base64.b64encode(other.sign(members[MANIFEST_MEMBER])).decode()
        members[SIGNATURE_MEMBER] = json.dumps(output).encode()

    text = findings(rewrite(exported, sign_again), key)
    assert text == (
        f"signature.json: signed by {compute_fingerprint(other.public_pem)}, which is not a trusted key "
        f"(trusted: {compute_fingerprint(key.public_pem)})"
    )


def test_false_fingerprint_is_detected(exported: Path, key: FileKey, tmp_path: Path) -> None:
    other = FileKey.load_or_create(tmp_path / "other.pem")

    def claim(members: Members) -> None:
        output = json.loads(members[SIGNATURE_MEMBER])
        output |= {
            "key": other.public_pem,
            "signature": base64.b64encode(other.sign(members[MANIFEST_MEMBER])).decode(),
        }
        members[SIGNATURE_MEMBER] = json.dumps(output).encode()

    text = findings(rewrite(exported, claim), key)
    assert "the key's fingerprint is" in text
    assert "not a trusted key" in text


def journal_lines(members: Members) -> list[ChainedEntry]:
    return [ChainedEntry.model_validate_json(line) for line in members[JOURNAL_MEMBER].splitlines()]


def put_journal(members: Members, links: list[ChainedEntry]) -> None:
    members[JOURNAL_MEMBER] = "".join(link.model_dump_json() + "\n" for link in links).encode()


def forge(members: Members) -> None:
    links = journal_lines(members)
    links[6] = links[6].model_copy(update={"facts": {**links[6].facts, "decision": "reject"}})
    put_journal(members, links)


def replace(members: Members) -> None:
    links = journal_lines(members)
    links[6] = links[6].model_copy(update={"detail": "Bob answered"}).with_hash()
    put_journal(members, links)


def remove_entry(members: Members) -> None:
    links = journal_lines(members)
    put_journal(members, links[:4] + links[5:])


def remove_last_entries(members: Members) -> None:
    put_journal(members, journal_lines(members)[:-2])


def reorder(members: Members) -> None:
    links = journal_lines(members)
    put_journal(members, [*links[:3], links[4], links[3], *links[5:]])


def rehash_from_seventh(members: Members) -> None:
    """Every entry from the seventh on with hashes of its own, so that the chain is whole again."""
    links = journal_lines(members)
    links[6] = links[6].model_copy(update={"detail": "Bob answered"})
    made: list[ChainedEntry] = []
    for link in links:
        made.append(link.model_copy(update={"previous": made[-1].hash if made else GENESIS_HASH}).with_hash())
    put_journal(members, made)


def garble(members: Members) -> None:
    members[JOURNAL_MEMBER] = members[JOURNAL_MEMBER].replace(b'{"run"', b'{"ran"', 1)


TAMPERINGS = {
    "forged": (
        forge,
        "journal.jsonl, entry 7: entry 7 (question.answered of ask, 2026-03-01 09:01:02 UTC) was altered",
    ),
    "replaced": (
        replace,
        "journal.jsonl, entry 8: entry 8 (step.started of recover, 2026-03-01 09:01:02 UTC) does not",
    ),
    "cut": (remove_entry, "journal.jsonl, entry 5: entry 5 is missing before entry 6"),
    "cut at the end": (remove_last_entries, "were signed: the entries after entry"),
    "reordered": (reorder, "the order was changed"),
    "written anew": (rehash_from_seventh, "is not the last entry that was signed"),
    "garbled": (garble, "journal.jsonl, line 1: is not a journal entry"),
}


@pytest.mark.parametrize(("change", "words"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_journal_tampering_is_detected(
    exported: Path, key: FileKey, change: Callable[[Members], None], words: str
) -> None:
    text = findings(rewrite(exported, change), key)
    assert words in text
    assert "journal.jsonl: was altered after it was signed" in text


def test_adjusted_manifest_fails_signature(exported: Path, key: FileKey) -> None:
    def fit(members: Members) -> None:
        rehash_from_seventh(members)
        manifest = json.loads(members[MANIFEST_MEMBER])
        manifest["head"] = journal_lines(members)[-1].hash
        manifest["files"][JOURNAL_MEMBER] = hashlib.sha256(members[JOURNAL_MEMBER]).hexdigest()
        members[MANIFEST_MEMBER] = json.dumps(manifest).encode()

    text = findings(rewrite(exported, fit), key)
    assert text.startswith("manifest.json: the signature of")
    assert "does not match: the manifest was altered" in text


def test_changed_figures_are_detected(exported: Path, key: FileKey) -> None:
    def nicer(members: Members) -> None:
        output = json.loads(members[EVIDENCE_MEMBER])
        output["rto"]["measured_seconds"] = 1
        members[EVIDENCE_MEMBER] = json.dumps(output).encode()

    assert findings(rewrite(exported, nicer), key) == "evidence.json: was altered after it was signed"


def test_added_or_removed_member_is_detected(exported: Path, key: FileKey) -> None:
    def add(members: Members) -> None:
        members["extra.txt"] = b"x"

    assert "extra.txt: was added to the bundle" in findings(rewrite(exported, add), key)
    with pytest.raises(InvalidInput, match=r"lacks journal\.jsonl"):
        bundle_file.read_bundle(rewrite(exported, lambda members: members.pop(JOURNAL_MEMBER) and None))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip at all", b"{}"])
def test_invalid_file_is_rejected_with_message(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.leeward.zip"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="is not a bundle"):
        bundle_file.read_bundle(path)


def test_private_key_is_owner_readable_and_reused(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "own.pem"
    first = FileKey.load_or_create(path)
    assert path.stat().st_mode & 0o077 == 0
    assert FileKey.load_or_create(path).public_pem == first.public_pem
    assert path.with_suffix(".pub").read_text() == first.public_pem


def test_kms_signature_verifies_with_public_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        kms = boto3.client("kms", "us-west-2")
        made = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/leeward-evidence", TargetKeyId=made)
        signer = KmsKey.load(kms, "alias/leeward-evidence")
        path = bundle_file.write_bundle(evidence(failover()), signer, tmp_path / "run.leeward.zip", NOW)
        rsa = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        with pytest.raises(InvalidInput, match="Use an ECC_NIST_P256 key"):
            KmsKey.load(kms, rsa)
    assert verify_bundle(bundle_file.read_bundle(path), {compute_fingerprint(signer.public_pem)}) == []
    assert "was altered" in "".join(f.what for f in verify_bundle(bundle_file.read_bundle(rewrite(path, forge)), set()))


def test_added_and_removed_members_are_named(exported: Path, key: FileKey) -> None:
    before = bundle_file.read_bundle(exported)
    opened = before.model_copy(update={"members": {**before.members, "a.txt": b"", "z.txt": b""}})
    trusted = {compute_fingerprint(key.public_pem)}
    added = [f"{each.where}: {each.what}" for each in verify_bundle(opened, trusted)]
    assert added == [f"{name}.txt: was added to the bundle after it was signed" for name in ("a", "z")]
    kept = {name: content for name, content in before.members.items() if name == EVIDENCE_MEMBER}
    removed = verify_bundle(before.model_copy(update={"members": kept}), trusted)
    assert [(each.where, each.what) for each in removed] == [
        (JOURNAL_MEMBER, "was removed from the bundle"),
        (JOURNAL_MEMBER, f"has 0 entries, but {before.manifest.entries} were signed: all entries are missing"),
    ]
