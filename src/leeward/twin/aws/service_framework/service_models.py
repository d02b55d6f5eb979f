"""Caches AWS's service models, so that a process reads each of botocore's files once.

boto3, its sessions, and moto each create their own loaders, which share nothing. EC2's model alone takes a third of a
second to read, and a rehearsal would read it six times. Each loader also searches botocore's 400 folders for the
available services, which takes a tenth of a second, a dozen times per rehearsal. The caches are used while an engine is
open, and while `twin.aws` imports moto's EC2, which reads its model during its import.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import botocore.loaders
import moto.core.loaders

from leeward.twin.patching.attribute_replacement import replace_attribute
from leeward.twin.patching.patch_set import PatchSet

OpenMethod = Callable[..., Any]


class SharedModelLoader(botocore.loaders.JSONFileLoader):
    """Reads each file once into plain dicts, which keep their order and are read three times as fast as OrderedDicts.

    Callers share the result. botocore only merges a model's own extras into it, which are the same each time.
    """

    def _load_file(self, full_path: str, open_method: OpenMethod) -> Any:
        return _read_cached(full_path, open_method) if os.path.isfile(full_path) else None


class MotoModelLoader(SharedModelLoader):
    """Keeps moto's models apart, because moto merges its own extras into them, which clients must not see."""

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


def share_parsed_models() -> None:
    """Share each parsed file among all loaders of a kind. Each of botocore's and moto's loaders otherwise reads it."""
    replace_attribute(botocore.loaders.Loader, "FILE_LOADER_CLASS", SharedModelLoader)
    replace_attribute(moto.core.loaders.Loader, "FILE_LOADER_CLASS", MotoModelLoader)


def list_services_once() -> None:
    """List the available services once for each set of search paths. moto's many sessions otherwise search again."""
    cached_listings: dict[tuple[str, ...], list[str]] = {}

    def list_cached_services(self: Any, type_name: str) -> list[str]:
        key = (type_name, *self.search_paths)
        if key not in cached_listings:
            cached_listings[key] = list_services(self, type_name)
        return list(cached_listings[key])

    list_services = replace_attribute(botocore.loaders.Loader, "list_available_services", list_cached_services)


# The patches that are also applied while moto's EC2 is imported.
MODEL_PATCHES = PatchSet((share_parsed_models, list_services_once))
