"""The protocol of a workload: the interface of the module that `world.yaml` names as its `deployment`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from leeward.rehearsal.clients.writing_clients import RequestScript
from leeward.twin.errors import TwinError
from leeward.twin.internet.http import HttpRequest

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

WorkloadHandler = Callable[[Any, Any], Any]


class Workload(RequestScript, Protocol):
    """An application's own code that the twin runs.

    The module's `on_twin(regions, HttpRequest)` creates it. `HttpRequest` is the class in `twin.internet.http`.
    """

    functions: Mapping[str, WorkloadHandler]
    """The Lambda functions by name, which are deployed to both Regions."""

    schedules: Mapping[str, float]
    """The functions that EventBridge calls in each Region, with the interval in seconds."""

    streams: Mapping[str, str]
    """The functions that read each replica's stream, with the filter pattern of the records (JSON)."""

    def create_table(self, client: DynamoDBClient, name: str) -> None:
        """Create one replica of the table."""
        ...

    def environment(self, region: str, other: str) -> Mapping[str, str]:
        """Return the environment variables of the functions in a Region. `other` is the other Region."""
        ...

    def client_id(self, region: str) -> str:
        """Return the ID of the app client of the Region's user pool."""
        ...

    def sign_in(self, region: str, username: str, password: str, now: datetime) -> str | None:
        """Return the ID token of a user in the Region's pool, or None if the credentials are wrong."""
        ...

    def canary_secret(self, region: str) -> str:
        """Return the credentials of the canary user, with which checks sign in, as JSON."""
        ...

    def page_config(self, origin: str) -> Mapping[str, object]:
        """Return the page's config.json for the web origin `origin`, without the operator's buttons."""
        ...

    def page_file(self, path: str) -> tuple[int, Mapping[str, str], bytes]:
        """Return a file of the page as status, headers, and content."""
        ...

    def answer_sign_in(
        self, region: str, origin: str, request: tuple[str, str, str, str], clock: Callable[[], datetime]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Answer a request to a Region's hosted sign-in. `request` is method, path, query, and body."""
        ...

    def write_number(self, item: Mapping[str, Any]) -> int | None:
        """Return the number of the write that created the item, or None for other items."""
        ...


def load_workload(module: str, regions: tuple[str, str]) -> Workload:
    """Return the workload of `module`. Raises TwinError when the module can't be imported or has no `on_twin`."""
    try:
        workload: Workload = importlib.import_module(module).on_twin(regions, HttpRequest)
    except (ImportError, AttributeError) as error:
        raise TwinError(f"cannot load the deployment module {module} that world.yaml names: {error}") from error
    return workload
