"""Keys that vouch for a bundle: AWS KMS on AWS, a key in a file for rehearsals; and how a signature is checked.

On AWS the private key never leaves KMS (an asymmetric key, ECC_NIST_P256, SIGN_VERIFY): who may call kms:Sign with it
can vouch for a run, and CloudTrail says who did. A rehearsal proves nothing to outsiders; its key shows that nobody
touched the file since.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import InvalidInput

_PUBLIC_FORMAT = serialization.PublicFormat.SubjectPublicKeyInfo
_PRIVATE_FILE_MODE = 0o600


class Signer(Protocol):
    """Something that signs. `public` is PEM; `name` says in words whose key it is."""

    @property
    def name(self) -> str: ...

    @property
    def public_pem(self) -> str: ...

    def sign(self, message: bytes) -> bytes:
        """The signature over `message`."""
        ...


@dataclass(frozen=True, slots=True)
class FileKey:
    """An Ed25519 key in a file, made on first use and readable by its owner alone."""

    name: str
    public_pem: str
    _private: Ed25519PrivateKey

    @classmethod
    def load_or_create(cls, path: Path) -> FileKey:
        """The key in `path`, its public half beside it as .pub. Raises InvalidInput for a file that is no such key."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            made = Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE_MODE), "wb") as file:
                file.write(made)
        try:
            private = serialization.load_pem_private_key(path.read_bytes(), None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise InvalidInput(f"{path} holds no private key") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise InvalidInput(f"{path} holds no Ed25519 key")
        public = private.public_key().public_bytes(serialization.Encoding.PEM, _PUBLIC_FORMAT).decode()
        path.with_suffix(".pub").write_text(public, encoding="utf-8")
        return cls("a key on this computer", public, private)

    def sign(self, message: bytes) -> bytes:
        """Ed25519 over the message itself."""
        return self._private.sign(message)


@dataclass(frozen=True, slots=True)
class KmsKey:
    """An asymmetric key of AWS KMS. `key` is its id, ARN or alias."""

    name: str
    public_pem: str
    _client: Any
    _key: str

    @classmethod
    def load(cls, client: Any, key: str) -> KmsKey:
        """Ask KMS for the public half. Raises NotFound, AccessDenied, InvalidInput for a key of another kind."""
        with translate_errors("kms:GetPublicKey"):
            told = client.get_public_key(KeyId=key)
        if "ECDSA_SHA_256" not in told.get("SigningAlgorithms", ()):
            raise InvalidInput(f"{key} does not sign by ECDSA_SHA_256: make it an ECC_NIST_P256 key for SIGN_VERIFY")
        public = serialization.load_der_public_key(told["PublicKey"])
        pem = public.public_bytes(serialization.Encoding.PEM, _PUBLIC_FORMAT).decode()
        return cls(str(told["KeyId"]), pem, client, key)

    def sign(self, message: bytes) -> bytes:
        """ECDSA over the message's SHA-256, which KMS makes: of at most 4,096 bytes, and a manifest has some 700."""
        with translate_errors("kms:Sign"):
            answer = self._client.sign(
                KeyId=self._key, Message=message, MessageType="RAW", SigningAlgorithm="ECDSA_SHA_256"
            )
        return bytes(answer["Signature"])


def compute_fingerprint(public_pem: str) -> str:
    """`SHA256:` and base64 of the public key's own bytes, as ssh writes it. Raises InvalidInput for what is no key."""
    try:
        der = serialization.load_pem_public_key(public_pem.encode()).public_bytes(
            serialization.Encoding.DER, _PUBLIC_FORMAT
        )
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidInput("this is no public key in PEM") from error
    return "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")


def is_signature_valid(public_pem: str, message: bytes, signature: bytes) -> bool:
    """Whether the signature over the message is of this key."""
    try:
        key = serialization.load_pem_public_key(public_pem.encode())
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True
