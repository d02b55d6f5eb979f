"""Keys of the command line: which one signs an export, and which ones are trusted when a bundle is verified."""

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

# One fingerprint a line, committed with the runbooks: whose signature counts is a decision, and reviewed like one.
TRUSTED_KEYS_FILE = Path("runbooks") / "evidence-keys.txt"


@contextmanager
def translate_signing_errors() -> Iterator[None]:
    """What stops signing, in words."""
    try:
        yield
    except LeewardError as error:
        raise CliError(str(error)) from error
    except OSError as error:
        raise CliError(f"{error.filename}: {error.strerror}") from error


def choose_signer(session: OperatorSession, evidence: Evidence, key: str | None) -> Signer:
    """A named file's key or KMS key; by default a rehearsal's own, and KMS for AWS. Raises a LeewardError."""
    if key is not None and (key.endswith(".pem") or Path(key).is_file()):
        return FileKey.load_or_create(Path(key))
    if key is None and (evidence.source == "rehearsal" or session.is_on_twin):
        return FileKey.load_or_create(get_rehearsal_key_path(session.project))
    return KmsKey.load(
        session.aws.client("kms", evidence.target), key or resource_names.evidence_key_alias(evidence.application)
    )


def get_rehearsal_key_path(project: Path) -> Path:
    """The key of rehearsals on this computer."""
    return project / "build" / "keys" / "rehearsals.pem"


def list_trusted_fingerprints(project: Path | None, keys: Sequence[str]) -> set[str]:
    """Fingerprints: those given (or of the files given), the committed ones, and this computer's own.

    Raises InvalidInput for a file that holds no public key.
    """
    found = {_read_fingerprint(each) for each in keys}
    if project is not None:
        committed = project / TRUSTED_KEYS_FILE
        lines = committed.read_text(encoding="utf-8").splitlines() if committed.is_file() else []
        found |= {line.split()[0] for line in lines if line.startswith("SHA256:")}
        own = get_rehearsal_key_path(project).with_suffix(".pub")
        if own.is_file():
            found.add(compute_fingerprint(own.read_text(encoding="utf-8")))
    return found


def _read_fingerprint(fingerprint_or_path: str) -> str:
    if fingerprint_or_path.startswith("SHA256:"):
        return fingerprint_or_path
    path = Path(fingerprint_or_path)
    if not path.is_file():
        raise CliError(
            f"{fingerprint_or_path} is neither a fingerprint nor a file", ["A fingerprint looks like SHA256:4kX..."]
        )
    return compute_fingerprint(path.read_text(encoding="utf-8", errors="replace"))
