"""Whether a bundle is what was exported: signature, members, chain. Offline; every finding says what and where."""

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
    """One thing wrong. `where` is a member of the bundle, or an entry of the journal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    where: str
    what: str


def verify_bundle(bundle: OpenedBundle, trusted_fingerprints: Collection[str]) -> list[BundleDefect]:
    """Everything wrong with the bundle; empty when nothing is. `trusted` are fingerprints of keys."""
    return [*_check_signature(bundle, trusted_fingerprints), *_check_members(bundle), *_check_journal(bundle)]


def _check_signature(bundle: OpenedBundle, trusted_fingerprints: Collection[str]) -> Iterator[BundleDefect]:
    signature = bundle.signature
    try:
        key, made = compute_fingerprint(signature.key), base64.b64decode(signature.signature, validate=True)
    except (InvalidInput, binascii.Error):
        yield BundleDefect(where="signature.json", what="the key or the signature in it can't be read")
        return
    if key != signature.fingerprint:
        yield BundleDefect(where="signature.json", what=f"its key is {key}, not {signature.fingerprint} as it says")
    if not is_signature_valid(signature.key, bundle.manifest_bytes, made):
        what = f"the signature of {key} is not over this manifest: it was altered, or signed by another key"
        yield BundleDefect(where="manifest.json", what=what)
    if key not in trusted_fingerprints:
        known = ", ".join(sorted(trusted_fingerprints)) or "none"
        what = f"signed by {key}, a key that nobody here vouches for (trusted: {known})"
        yield BundleDefect(where="signature.json", what=what)


def _check_members(bundle: OpenedBundle) -> Iterator[BundleDefect]:
    told = bundle.manifest.files
    for name, content in bundle.members.items():
        if name not in told:
            yield BundleDefect(where=name, what="was put into the bundle after it was signed")
        elif hashlib.sha256(content).hexdigest() != told[name]:
            yield BundleDefect(where=name, what="was altered after it was signed")
    for name in sorted(set(told) - set(bundle.members)):
        yield BundleDefect(where=name, what="was taken out of the bundle")


def _check_journal(bundle: OpenedBundle) -> Iterator[BundleDefect]:
    manifest, links = bundle.manifest, []
    for number, line in enumerate(bundle.members.get(JOURNAL_MEMBER, b"").splitlines(), start=1):
        try:
            links.append(ChainedEntry.model_validate_json(line))
        except ValidationError:
            yield BundleDefect(where=f"{JOURNAL_MEMBER}, line {number}", what="is no entry of a journal")
    for broken in find_breaks(manifest.run, links):
        where = JOURNAL_MEMBER if broken.seq is None else f"{JOURNAL_MEMBER}, entry {broken.seq}"
        yield BundleDefect(where=where, what=broken.what)
    if len(links) != manifest.entries:
        what = (
            f"has {len(links)} entries, and {manifest.entries} were signed: "
            f"{_describe_length_mismatch(links, manifest.entries)}"
        )
        yield BundleDefect(where=JOURNAL_MEMBER, what=what)
    elif links and links[-1].hash != manifest.head:
        yield BundleDefect(
            where=f"{JOURNAL_MEMBER}, entry {links[-1].seq}", what="is not the last entry that was signed"
        )
    if links and links[0].event != JournalEvent.RUN_BEGAN:
        yield BundleDefect(
            where=JOURNAL_MEMBER, what=f"does not begin with the run's beginning but with {links[0].event}"
        )
    yield from _check_outcome(bundle, links)


def _describe_length_mismatch(links: list[ChainedEntry], signed: int) -> str:
    if len(links) > signed:
        return "some were put in"
    return f"the last ones are cut off after {links[-1].description}" if links else "all were taken out"


def _check_outcome(bundle: OpenedBundle, links: list[ChainedEntry]) -> Iterator[BundleDefect]:
    """What the evidence says of the end is what the journal says."""
    ends = [link for link in links if link.event in (JournalEvent.RUN_ENDED, JournalEvent.RUN_RESUMED)]
    try:
        evidence = Evidence.model_validate_json(bundle.members.get(EVIDENCE_MEMBER, b""))
    except ValidationError:
        yield BundleDefect(where=EVIDENCE_MEMBER, what="can't be read")
        return
    if evidence.run != bundle.manifest.run:
        yield BundleDefect(where=EVIDENCE_MEMBER, what=f"is of another run, {evidence.run}")
    # A run that was resumed has not ended until it ends again.
    if ends and (ends[-1].facts.get("outcome") == "succeeded") != (evidence.outcome == "succeeded"):
        how = ends[-1].facts.get("outcome") or "that the run goes on"
        told = f"says {evidence.outcome}, and the journal's entry {ends[-1].seq} {how}"
        yield BundleDefect(where=EVIDENCE_MEMBER, what=told)
