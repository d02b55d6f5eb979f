"""Verifies a bundle offline: its signature, its members, and the hash chain of its journal."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection, Iterator

from pydantic import BaseModel, ConfigDict, ValidationError

from leeward.common.errors import InvalidInput
from leeward.control.journal.hash_chain import ChainedEntry, find_breaks
from leeward.control.journal.run_journal import JournalEvent
from leeward.evidence.model import Evidence
from leeward.evidence.signed_bundle.bundle_file import EVIDENCE_MEMBER, JOURNAL_MEMBER, OpenedBundle
from leeward.evidence.signed_bundle.signing_keys import compute_fingerprint, is_signature_valid


class BundleDefect(BaseModel):
    """A defect of a bundle. `where` is a member of the bundle or an entry of the journal."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    where: str
    what: str


def verify_bundle(bundle: OpenedBundle, trusted_fingerprints: Collection[str]) -> list[BundleDefect]:
    """Return all defects of the bundle, or an empty list. `trusted_fingerprints` identify the trusted keys."""
    return [*_check_signature(bundle, trusted_fingerprints), *_check_members(bundle), *_check_journal(bundle)]


def _check_signature(bundle: OpenedBundle, trusted_fingerprints: Collection[str]) -> Iterator[BundleDefect]:
    signature = bundle.signature
    try:
        fingerprint, signature_bytes = (
            compute_fingerprint(signature.key),
            base64.b64decode(signature.signature, validate=True),
        )
    except (InvalidInput, binascii.Error):
        yield BundleDefect(where="signature.json", what="the key or the signature can't be read")
        return
    if fingerprint != signature.fingerprint:
        what = f"the key's fingerprint is {fingerprint}, not {signature.fingerprint} as stated"
        yield BundleDefect(where="signature.json", what=what)
    if not is_signature_valid(signature.key, bundle.manifest_bytes, signature_bytes):
        what = f"the signature of {fingerprint} does not match: the manifest was altered or signed by another key"
        yield BundleDefect(where="manifest.json", what=what)
    if fingerprint not in trusted_fingerprints:
        trusted = ", ".join(sorted(trusted_fingerprints)) or "none"
        what = f"signed by {fingerprint}, which is not a trusted key (trusted: {trusted})"
        yield BundleDefect(where="signature.json", what=what)


def _check_members(bundle: OpenedBundle) -> Iterator[BundleDefect]:
    digests = bundle.manifest.files
    for name, content in bundle.members.items():
        if name not in digests:
            yield BundleDefect(where=name, what="was added to the bundle after it was signed")
        elif hashlib.sha256(content).hexdigest() != digests[name]:
            yield BundleDefect(where=name, what="was altered after it was signed")
    for name in sorted(set(digests) - set(bundle.members)):
        yield BundleDefect(where=name, what="was removed from the bundle")


def _check_journal(bundle: OpenedBundle) -> Iterator[BundleDefect]:
    manifest, links = bundle.manifest, []
    for number, line in enumerate(bundle.members.get(JOURNAL_MEMBER, b"").splitlines(), start=1):
        try:
            links.append(ChainedEntry.model_validate_json(line))
        except ValidationError:
            yield BundleDefect(where=f"{JOURNAL_MEMBER}, line {number}", what="is not a journal entry")
    for broken in find_breaks(manifest.run, links):
        where = JOURNAL_MEMBER if broken.seq is None else f"{JOURNAL_MEMBER}, entry {broken.seq}"
        yield BundleDefect(where=where, what=broken.what)
    if len(links) != manifest.entries:
        what = (
            f"has {len(links)} entries, but {manifest.entries} were signed: "
            f"{_describe_length_mismatch(links, manifest.entries)}"
        )
        yield BundleDefect(where=JOURNAL_MEMBER, what=what)
    elif links and links[-1].hash != manifest.head:
        yield BundleDefect(
            where=f"{JOURNAL_MEMBER}, entry {links[-1].seq}", what="is not the last entry that was signed"
        )
    if links and links[0].event != JournalEvent.RUN_BEGAN:
        yield BundleDefect(
            where=JOURNAL_MEMBER, what=f"begins with {links[0].event}, not with {JournalEvent.RUN_BEGAN}"
        )
    yield from _check_outcome(bundle, links)


def _describe_length_mismatch(links: list[ChainedEntry], signed: int) -> str:
    if len(links) > signed:
        return "entries were added"
    return f"the entries after {links[-1].description} are missing" if links else "all entries are missing"


def _check_outcome(bundle: OpenedBundle, links: list[ChainedEntry]) -> Iterator[BundleDefect]:
    """Check that the evidence and the journal agree about the outcome of the run."""
    ends = [link for link in links if link.event in (JournalEvent.RUN_ENDED, JournalEvent.RUN_RESUMED)]
    try:
        evidence = Evidence.model_validate_json(bundle.members.get(EVIDENCE_MEMBER, b""))
    except ValidationError:
        yield BundleDefect(where=EVIDENCE_MEMBER, what="can't be read")
        return
    if evidence.run != bundle.manifest.run:
        yield BundleDefect(where=EVIDENCE_MEMBER, what=f"belongs to another run, {evidence.run}")
    # A resumed run has not ended until it ends again.
    if ends and (ends[-1].facts.get("outcome") == "succeeded") != (evidence.outcome == "succeeded"):
        journal_outcome = ends[-1].facts.get("outcome") or "that the run continues"
        what = f"says {evidence.outcome}, but the journal's entry {ends[-1].seq} says {journal_outcome}"
        yield BundleDefect(where=EVIDENCE_MEMBER, what=what)
