"""Keys of the command line: which one signs an export, and which ones are trusted when a bundle is verified."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from leeward.cli.trouble import Trouble
from leeward.common import names
from leeward.common.errors import LeewardError
from leeward.evidence.keys import FileKey, KmsKey, Signer, fingerprint
from leeward.evidence.model import Evidence

if TYPE_CHECKING:
    from leeward.cli.operating import Desk

# One fingerprint a line, committed with the runbooks: whose signature counts is a decision, and reviewed like one.
TRUSTED = Path("runbooks") / "evidence-keys.txt"


@contextmanager
def told() -> Iterator[None]:
    """What stops signing, in words."""
    try:
        yield
    except LeewardError as error:
        raise Trouble(str(error)) from error
    except OSError as error:
        raise Trouble(f"{error.filename}: {error.strerror}") from error


def signer_for(at: Desk, evidence: Evidence, key: str | None) -> Signer:
    """A named file's key or KMS key; by default a rehearsal's own, and KMS for AWS. Raises a LeewardError."""
    if key is not None and (key.endswith(".pem") or Path(key).is_file()):
        return FileKey.at(Path(key))
    if key is None and (evidence.source == "rehearsal" or at.on_a_twin):
        return FileKey.at(own_key(at.project))
    return KmsKey.of(at.reach.client("kms", evidence.target), key or names.evidence_key(evidence.application))


def own_key(project: Path) -> Path:
    """The key of rehearsals on this computer."""
    return project / "build" / "keys" / "rehearsals.pem"


def trusted(project: Path | None, given: Sequence[str]) -> set[str]:
    """Fingerprints: those given (or of the files given), the committed ones, and this computer's own.

    Raises InvalidInput for a file that holds no public key.
    """
    found = {_fingerprint_of(each) for each in given}
    if project is not None:
        committed = project / TRUSTED
        lines = committed.read_text(encoding="utf-8").splitlines() if committed.is_file() else []
        found |= {line.split()[0] for line in lines if line.startswith("SHA256:")}
        own = own_key(project).with_suffix(".pub")
        if own.is_file():
            found.add(fingerprint(own.read_text(encoding="utf-8")))
    return found


def _fingerprint_of(given: str) -> str:
    if given.startswith("SHA256:"):
        return given
    path = Path(given)
    if not path.is_file():
        raise Trouble(f"{given} is neither a fingerprint nor a file", ["A fingerprint looks like SHA256:4kX..."])
    return fingerprint(path.read_text(encoding="utf-8", errors="replace"))
