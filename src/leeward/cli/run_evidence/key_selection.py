"""Select the key that signs an export, and the keys that are trusted to verify a bundle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from leeward.cli.errors.cli_error import CliError
from leeward.common.errors import LeewardError
from leeward.common.naming import resource_names
from leeward.evidence.model import Evidence
from leeward.evidence.signed_bundle.signing_keys import FileKey, KmsKey, Signer, compute_fingerprint

if TYPE_CHECKING:
    from leeward.cli.connection.operator_session import OperatorSession

# One fingerprint per line. The file is committed, so that each change of the trusted keys is reviewed.
TRUSTED_KEYS_FILE = Path("runbooks") / "evidence-keys.txt"


@contextmanager
def translate_signing_errors() -> Iterator[None]:
    """Raise CliError for each error of a key or a file in the block."""
    try:
        yield
    except LeewardError as error:
        raise CliError(str(error)) from error
    except OSError as error:
        raise CliError(f"{error.filename}: {error.strerror}") from error


def choose_signer(session: OperatorSession, evidence: Evidence, key: str | None) -> Signer:
    """Return the signer of an export.

    `key` is a key file or a KMS key. Without it, a local key signs rehearsals, and the application's KMS key in the
    target Region signs runs on AWS. Raises a LeewardError when KMS fails.
    """
    if key is not None and (key.endswith(".pem") or Path(key).is_file()):
        return FileKey.load_or_create(Path(key))
    if key is None and (evidence.source == "rehearsal" or session.is_on_twin):
        return FileKey.load_or_create(get_rehearsal_key_path(session.project))
    return KmsKey.load(
        session.aws.client("kms", evidence.target), key or resource_names.evidence_key_alias(evidence.application)
    )


def get_rehearsal_key_path(project: Path) -> Path:
    """Return the path of the local key that signs rehearsals."""
    return project / "build" / "keys" / "rehearsals.pem"


def list_trusted_fingerprints(project: Path | None, keys: Sequence[str]) -> set[str]:
    """Return the trusted fingerprints: of `keys`, of the committed file, and of the local rehearsal key.

    `keys` are fingerprints or paths of public keys. Raises InvalidInput for a file without a public key.
    """
    fingerprints = {_read_fingerprint(each) for each in keys}
    if project is not None:
        committed = project / TRUSTED_KEYS_FILE
        lines = committed.read_text(encoding="utf-8").splitlines() if committed.is_file() else []
        fingerprints |= {line.split()[0] for line in lines if line.startswith("SHA256:")}
        own = get_rehearsal_key_path(project).with_suffix(".pub")
        if own.is_file():
            fingerprints.add(compute_fingerprint(own.read_text(encoding="utf-8")))
    return fingerprints


def _read_fingerprint(fingerprint_or_path: str) -> str:
    if fingerprint_or_path.startswith("SHA256:"):
        return fingerprint_or_path
    path = Path(fingerprint_or_path)
    if not path.is_file():
        raise CliError(
            f"{fingerprint_or_path} is neither a fingerprint nor a file", ["A fingerprint looks like SHA256:4kX..."]
        )
    return compute_fingerprint(path.read_text(encoding="utf-8", errors="replace"))
