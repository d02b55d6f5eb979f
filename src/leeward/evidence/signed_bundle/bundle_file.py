"""A run's evidence in one signed file, to be kept for years and checked without a network, an account or this project.

A zip with four members: `manifest.json` says how many entries the journal has, the hash of its last one and the SHA-256
of every other member; `signature.json` is over the manifest's bytes; `journal.jsonl` holds the entries, one a line;
`evidence.json` is all that a report is made of.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from leeward.common.errors import InvalidInput
from leeward.evidence.model import Evidence
from leeward.evidence.signed_bundle.signing_keys import Signer, compute_fingerprint

BUNDLE_SUFFIX = ".leeward.zip"
MANIFEST_MEMBER, SIGNATURE_MEMBER, JOURNAL_MEMBER, EVIDENCE_MEMBER = (
    "manifest.json",
    "signature.json",
    "journal.jsonl",
    "evidence.json",
)
# The same evidence makes the same bytes; a zip's own clock begins here.
_FIXED_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
# No honest bundle comes near: it guards whoever verifies a stranger's file.
_MAX_MEMBER_BYTES = 200_000_000


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BundleManifest(_Model):
    """What the signature vouches for."""

    format: Literal["leeward-bundle/1"] = "leeward-bundle/1"
    run: str
    source: Literal["rehearsal", "aws"]
    exported_at: AwareDatetime
    entries: int
    head: str
    files: dict[str, str]


class BundleSignature(_Model):
    """Who signed the manifest. `key` is the public key in PEM; whether it is to be trusted, the verifier knows."""

    signed_by: str
    fingerprint: str
    key: str
    signature: str


class OpenedBundle(_Model):
    """A bundle, read; nothing of it is checked yet."""

    manifest: BundleManifest
    manifest_bytes: bytes
    signature: BundleSignature
    members: dict[str, bytes]


def write_bundle(evidence: Evidence, signer: Signer, path: Path, now: datetime) -> Path:
    """Write the bundle to `path`. Raises InvalidInput for a journal without entries, and what signing raises."""
    if not evidence.journal:
        raise InvalidInput(f"the journal of {evidence.run} is empty: there is nothing to export")
    lines = "".join(link.model_dump_json() + "\n" for link in evidence.journal)
    members = {
        JOURNAL_MEMBER: lines.encode(),
        EVIDENCE_MEMBER: evidence.model_copy(update={"journal": []}).model_dump_json(indent=1).encode(),
    }
    manifest = BundleManifest(
        run=evidence.run,
        source=evidence.source,
        exported_at=now,
        entries=len(evidence.journal),
        head=evidence.journal[-1].hash,
        files={name: hashlib.sha256(content).hexdigest() for name, content in members.items()},
    )
    told = manifest.model_dump_json(indent=1).encode()
    signature = BundleSignature(
        signed_by=signer.name,
        fingerprint=compute_fingerprint(signer.public_pem),
        key=signer.public_pem,
        signature=base64.b64encode(signer.sign(told)).decode(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in {
            MANIFEST_MEMBER: told,
            SIGNATURE_MEMBER: signature.model_dump_json(indent=1).encode(),
            **members,
        }.items():
            file.writestr(zipfile.ZipInfo(name, _FIXED_ZIP_TIME), content, zipfile.ZIP_DEFLATED)
    return path


def read_bundle(path: Path) -> OpenedBundle:
    """Read a bundle. Raises InvalidInput for a file that is none; OSError."""
    try:
        with zipfile.ZipFile(path) as file:
            infos = file.infolist()
            if len({info.filename for info in infos}) != len(infos):
                raise InvalidInput(f"{path} is no bundle: it has two members of the same name")
            if any(info.file_size > _MAX_MEMBER_BYTES for info in infos):
                raise InvalidInput(f"{path} is no bundle: a member is longer than any journal")
            members = {info.filename: file.read(info) for info in infos}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise InvalidInput(f"{path} is no bundle, or was cut short: {error}") from error
    missing = {MANIFEST_MEMBER, SIGNATURE_MEMBER, JOURNAL_MEMBER, EVIDENCE_MEMBER} - set(members)
    if missing:
        raise InvalidInput(f"{path} is no bundle: it lacks {', '.join(sorted(missing))}")
    told = members.pop(MANIFEST_MEMBER)
    try:
        signature = BundleSignature.model_validate_json(members.pop(SIGNATURE_MEMBER))
        return OpenedBundle(
            manifest=BundleManifest.model_validate_json(told), manifest_bytes=told, signature=signature, members=members
        )
    except ValidationError as error:
        raise InvalidInput(f"{path}: its manifest or its signature can't be read") from error
