"""AWS's service models: each file of botocore's is read once per process, however many loaders ask for it.

boto3, its sessions and moto each bring loaders of their own, which never share what they have read. EC2's model alone
takes a third of a second, and a rehearsal would read it six times. Each loader also looks through botocore's 400
folders for the services that there are: a tenth of a second, a dozen times over. Put in place by the import of `twin`,
before any module of it can import moto, which reads models while it is imported.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import botocore.loaders
import moto.core.loaders

OpenMethod = Callable[..., Any]


class SharedModelLoader(botocore.loaders.JSONFileLoader):
    """Reads each file once. Plain dicts keep their order too, and are read three times as fast as OrderedDicts.

    What it gives out is shared: botocore only ever merges a model's own extras into it, the same each time.
    """

    def _load_file(self, full_path: str, open_method: OpenMethod) -> Any:
        return _read_cached(full_path, open_method) if os.path.isfile(full_path) else None


class MotoModelLoader(SharedModelLoader):
    """moto merges extras of its own into the models, which the clients must not see."""

    _parsed_files: dict[str, Any] = {}  # noqa: RUF012 - one per process on purpose

    def _load_file(self, full_path: str, open_method: OpenMethod) -> Any:
        if not os.path.isfile(full_path):
            return None
        if full_path not in self._parsed_files:
            self._parsed_files[full_path] = _parse_json(full_path, open_method)
        return self._parsed_files[full_path]


@lru_cache(maxsize=1024)
def _read_cached(full_path: str, open_method: OpenMethod) -> Any:
    return _parse_json(full_path, open_method)


def _parse_json(full_path: str, open_method: OpenMethod) -> Any:
    with open_method(full_path, "rb") as file:
        return json.loads(file.read())


def install_shared_loaders() -> None:
    """Let every loader that is made from now on share what it reads with the others of its kind."""
    botocore.loaders.Loader.FILE_LOADER_CLASS = SharedModelLoader
    moto.core.loaders.Loader.FILE_LOADER_CLASS = MotoModelLoader
    _cache_service_listing()


def _cache_service_listing() -> None:
    """What lies in the same folders is the same for every loader that looks there."""
    look = botocore.loaders.Loader.list_available_services
    known: dict[tuple[str, ...], list[str]] = {}

    def listed(self: Any, type_name: str) -> list[str]:
        key = (type_name, *self.search_paths)
        if key not in known:
            known[key] = look(self, type_name)
        return list(known[key])

    botocore.loaders.Loader.list_available_services = listed  # type: ignore[method-assign]
