"""The services by signing name, from the metadata of each service model that botocore installs."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from botocore.loaders import Loader
from botocore.utils import hyphenize_service_id

# The metadata come first in a model, so only this much of EC2's ten megabytes is read.
_HEAD_BYTES = 8192
_METADATA = re.compile(r'"metadata"\s*:\s*(?=\{)')
_GZIP = 31


@dataclass(frozen=True, slots=True)
class ServiceDescriptor:
    """One service of botocore. `name` is boto3's name, and `event_name` the name in botocore's events."""

    name: str
    event_name: str
    version: str
    target_prefix: str
    protocol: str


@lru_cache(maxsize=1)
def services_by_signing_name() -> Mapping[str, tuple[ServiceDescriptor, ...]]:
    """Return the services of each signing name, starting with the service of that very name.

    Only the newest API versions.
    """
    newest: dict[str, Path] = {}
    for path in sorted(Path(Loader.BUILTIN_DATA_PATH).glob("*/*/service-2.json.gz")):
        newest[path.parts[-3]] = path
    services: dict[str, list[ServiceDescriptor]] = {}
    for name, path in newest.items():
        metadata = _read_metadata(path)
        known = ServiceDescriptor(
            name,
            hyphenize_service_id(metadata["serviceId"]),
            metadata["apiVersion"],
            metadata.get("targetPrefix", ""),
            metadata["protocol"],
        )
        services.setdefault(metadata.get("signingName") or metadata["endpointPrefix"], []).append(known)
    return {signing: tuple(sorted(each, key=lambda k: k.name != signing)) for signing, each in services.items()}


def _read_metadata(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        head = zlib.decompressobj(_GZIP).decompress(file.read(_HEAD_BYTES), _HEAD_BYTES).decode("utf-8", "replace")
    start = _METADATA.search(head)
    if start is None:
        raise ValueError(f"{path} does not begin with its metadata")
    metadata: dict[str, str] = json.JSONDecoder().raw_decode(head, start.end())[0]
    return metadata
