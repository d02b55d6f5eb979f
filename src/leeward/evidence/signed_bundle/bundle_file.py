"""Writes and reads the bundle: a run's evidence in one signed file, which can be archived and verified offline.

The bundle is a zip file with four members:

- `manifest.json` contains the number of journal entries, the hash of the last entry, and the SHA-256 of the members
  `journal.jsonl` and `evidence.json`.
- `signature.json` contains the signature over the manifest's bytes.
- `journal.jsonl` contains the journal entries, one on each line.
- `evidence.json` contains all data for a report.
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
# A fixed time, so that the same evidence results in the same bytes. It is the earliest time that zip supports.
_FIXED_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
# Far larger than any real bundle. The limit protects those who verify a file from an unknown source.
_MAX_MEMBER_BYTES = 200_000_000


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class BundleManifest(_Model):
    """The content that the signature covers. `head` is the hash of the last journal entry."""

    format: Literal["leeward-bundle/1"] = "leeward-bundle/1"
    run: str
    source: Literal["rehearsal", "aws"]
    exported_at: AwareDatetime
    entries: int
    head: str
    files: dict[str, str]


class BundleSignature(_Model):
    """The signature of the manifest. `key` is the public key in PEM. The verifier decides whether to trust it."""

    signed_by: str
    fingerprint: str
    key: str
    signature: str


class OpenedBundle(_Model):
    """A bundle that was read, but not verified yet."""

    manifest: BundleManifest
    manifest_bytes: bytes
    signature: BundleSignature
    members: dict[str, bytes]


def write_bundle(evidence: Evidence, signer: Signer, path: Path, now: datetime) -> Path:
    """Write the bundle to `path`. Raises InvalidInput when the journal is empty, and any error of signing."""
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
    manifest_bytes = manifest.model_dump_json(indent=1).encode()
    signature = BundleSignature(
        signed_by=signer.name,
        fingerprint=compute_fingerprint(signer.public_pem),
        key=signer.public_pem,
        signature=base64.b64encode(signer.sign(manifest_bytes)).decode(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in {
            MANIFEST_MEMBER: manifest_bytes,
            SIGNATURE_MEMBER: signature.model_dump_json(indent=1).encode(),
            **members,
        }.items():
            file.writestr(zipfile.ZipInfo(name, _FIXED_ZIP_TIME), content, zipfile.ZIP_DEFLATED)
    return path


def read_bundle(path: Path) -> OpenedBundle:
    """Read a bundle. Raises InvalidInput when the file is not a bundle, and OSError."""
    try:
        with zipfile.ZipFile(path) as file:
            infos = file.infolist()
            if len({info.filename for info in infos}) != len(infos):
                raise InvalidInput(f"{path} is not a bundle: two members have the same name")
            if any(info.file_size > _MAX_MEMBER_BYTES for info in infos):
                raise InvalidInput(f"{path} is not a bundle: a member is larger than {_MAX_MEMBER_BYTES} bytes")
            members = {info.filename: file.read(info) for info in infos}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise InvalidInput(f"{path} is not a bundle or was truncated: {error}") from error
    missing = {MANIFEST_MEMBER, SIGNATURE_MEMBER, JOURNAL_MEMBER, EVIDENCE_MEMBER} - set(members)
    if missing:
        raise InvalidInput(f"{path} is not a bundle: it lacks {', '.join(sorted(missing))}")
    manifest_bytes = members.pop(MANIFEST_MEMBER)
    try:
        signature = BundleSignature.model_validate_json(members.pop(SIGNATURE_MEMBER))
        return OpenedBundle(
            manifest=BundleManifest.model_validate_json(manifest_bytes),
            manifest_bytes=manifest_bytes,
            signature=signature,
            members=members,
        )
    except ValidationError as error:
        raise InvalidInput(f"{path}: the manifest or the signature can't be read") from error
