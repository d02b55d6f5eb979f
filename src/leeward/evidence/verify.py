"""Whether a bundle is what was exported: signature, members, chain. Offline; every finding says what and where."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection, Iterator

from pydantic import BaseModel, ConfigDict, ValidationError

from leeward.common.errors import InvalidInput
from leeward.control.chain import Link, breaks
from leeward.control.journal import Event
from leeward.evidence.bundle import EVIDENCE, JOURNAL, Opened
from leeward.evidence.keys import fingerprint, holds
from leeward.evidence.model import Evidence


class Finding(BaseModel):
    """One thing wrong. `where` is a member of the bundle, or an entry of the journal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    where: str
    what: str


def verify(bundle: Opened, trusted: Collection[str]) -> list[Finding]:
    """Everything wrong with the bundle; empty when nothing is. `trusted` are fingerprints of keys."""
    return [*_signature(bundle, trusted), *_members(bundle), *_journal(bundle)]


def _signature(bundle: Opened, trusted: Collection[str]) -> Iterator[Finding]:
    signature = bundle.signature
    try:
        key, made = fingerprint(signature.key), base64.b64decode(signature.signature, validate=True)
    except (InvalidInput, binascii.Error):
        yield Finding(where="signature.json", what="the key or the signature in it can't be read")
        return
    if key != signature.fingerprint:
        yield Finding(where="signature.json", what=f"its key is {key}, not {signature.fingerprint} as it says")
    if not holds(signature.key, bundle.manifest_bytes, made):
        what = f"the signature of {key} is not over this manifest: it was altered, or signed by another key"
        yield Finding(where="manifest.json", what=what)
    if key not in trusted:
        known = ", ".join(sorted(trusted)) or "none"
        what = f"signed by {key}, a key that nobody here vouches for (trusted: {known})"
        yield Finding(where="signature.json", what=what)


def _members(bundle: Opened) -> Iterator[Finding]:
    told = bundle.manifest.files
    for name, content in bundle.members.items():
        if name not in told:
            yield Finding(where=name, what="was put into the bundle after it was signed")
        elif hashlib.sha256(content).hexdigest() != told[name]:
            yield Finding(where=name, what="was altered after it was signed")
    for name in sorted(set(told) - set(bundle.members)):
        yield Finding(where=name, what="was taken out of the bundle")


def _journal(bundle: Opened) -> Iterator[Finding]:
    manifest, links = bundle.manifest, []
    for number, line in enumerate(bundle.members.get(JOURNAL, b"").splitlines(), start=1):
        try:
            links.append(Link.model_validate_json(line))
        except ValidationError:
            yield Finding(where=f"{JOURNAL}, line {number}", what="is no entry of a journal")
    for broken in breaks(manifest.run, links):
        where = JOURNAL if broken.seq is None else f"{JOURNAL}, entry {broken.seq}"
        yield Finding(where=where, what=broken.what)
    if len(links) != manifest.entries:
        what = f"has {len(links)} entries, and {manifest.entries} were signed: {_cut(links, manifest.entries)}"
        yield Finding(where=JOURNAL, what=what)
    elif links and links[-1].hash != manifest.head:
        yield Finding(where=f"{JOURNAL}, entry {links[-1].seq}", what="is not the last entry that was signed")
    if links and links[0].event != Event.RUN_BEGAN:
        yield Finding(where=JOURNAL, what=f"does not begin with the run's beginning but with {links[0].event}")
    yield from _outcome(bundle, links)


def _cut(links: list[Link], signed: int) -> str:
    if len(links) > signed:
        return "some were put in"
    return f"the last ones are cut off after {links[-1].name}" if links else "all were taken out"


def _outcome(bundle: Opened, links: list[Link]) -> Iterator[Finding]:
    """What the evidence says of the end is what the journal says."""
    ends = [link for link in links if link.event in (Event.RUN_ENDED, Event.RUN_RESUMED)]
    try:
        evidence = Evidence.model_validate_json(bundle.members.get(EVIDENCE, b""))
    except ValidationError:
        yield Finding(where=EVIDENCE, what="can't be read")
        return
    if evidence.run != bundle.manifest.run:
        yield Finding(where=EVIDENCE, what=f"is of another run, {evidence.run}")
    # A run that was resumed has not ended until it ends again.
    if ends and (ends[-1].facts.get("outcome") == "succeeded") != (evidence.outcome == "succeeded"):
        how = ends[-1].facts.get("outcome") or "that the run goes on"
        told = f"says {evidence.outcome}, and the journal's entry {ends[-1].seq} {how}"
        yield Finding(where=EVIDENCE, what=told)
