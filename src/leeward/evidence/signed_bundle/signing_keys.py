"""Signing keys for bundles: an AWS KMS key on AWS, a key file for rehearsals. Also verifies signatures.

On AWS, the private key never leaves KMS (an asymmetric key, ECC_NIST_P256, SIGN_VERIFY). Only principals that may call
kms:Sign with it can sign a bundle, and CloudTrail records who did. The key of a rehearsal proves nothing to others. It
shows only that the file was not changed after it was signed.
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
    """A signing key. `public_pem` is the public key in PEM, and `name` describes whose key it is."""

    @property
    def name(self) -> str: ...

    @property
    def public_pem(self) -> str: ...

    def sign(self, message: bytes) -> bytes:
        """Return the signature over `message`."""
        ...


@dataclass(frozen=True, slots=True)
class FileKey:
    """An Ed25519 key in a file, created on first use and readable only by its owner."""

    name: str
    public_pem: str
    _private: Ed25519PrivateKey

    @classmethod
    def load_or_create(cls, path: Path) -> FileKey:
        """Return the key in `path`, creating it if it is missing. Also writes the public key to the same path as .pub.

        Raises InvalidInput when the file contains no Ed25519 private key.
        """
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            pem = Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE_MODE), "wb") as file:
                file.write(pem)
        try:
            private = serialization.load_pem_private_key(path.read_bytes(), None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise InvalidInput(f"{path} does not contain a private key") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise InvalidInput(f"{path} does not contain an Ed25519 key")
        public = private.public_key().public_bytes(serialization.Encoding.PEM, _PUBLIC_FORMAT).decode()
        path.with_suffix(".pub").write_text(public, encoding="utf-8")
        return cls("a key on this computer", public, private)

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature over the message."""
        return self._private.sign(message)


@dataclass(frozen=True, slots=True)
class KmsKey:
    """An asymmetric AWS KMS key."""

    name: str
    public_pem: str
    _client: Any
    _key: str

    @classmethod
    def load(cls, client: Any, key: str) -> KmsKey:
        """Get the public key from KMS. `key` is the key's id, ARN, or alias.

        Raises NotFound, AccessDenied, or InvalidInput when it is another kind of key.
        """
        with translate_errors("kms:GetPublicKey"):
            response = client.get_public_key(KeyId=key)
        if "ECDSA_SHA_256" not in response.get("SigningAlgorithms", ()):
            raise InvalidInput(f"{key} does not support ECDSA_SHA_256. Use an ECC_NIST_P256 key for SIGN_VERIFY")
        public = serialization.load_der_public_key(response["PublicKey"])
        pem = public.public_bytes(serialization.Encoding.PEM, _PUBLIC_FORMAT).decode()
        return cls(str(response["KeyId"]), pem, client, key)

    def sign(self, message: bytes) -> bytes:
        """Return the ECDSA signature over the message's SHA-256, which KMS computes.

        KMS accepts at most 4,096 bytes, and a manifest has about 700.
        """
        with translate_errors("kms:Sign"):
            response = self._client.sign(
                KeyId=self._key, Message=message, MessageType="RAW", SigningAlgorithm="ECDSA_SHA_256"
            )
        return bytes(response["Signature"])


def compute_fingerprint(public_pem: str) -> str:
    """Return the fingerprint of a public key in the format of ssh: `SHA256:` and base64. Raises InvalidInput."""
    try:
        der = serialization.load_pem_public_key(public_pem.encode()).public_bytes(
            serialization.Encoding.DER, _PUBLIC_FORMAT
        )
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidInput("the text is not a public key in PEM format") from error
    return "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")


def is_signature_valid(public_pem: str, message: bytes, signature: bytes) -> bool:
    """Return whether `signature` is this key's signature over `message`."""
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
