"""An application of our own code, as the twin runs it: what the module that `world.yaml` names must offer."""

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
    """Made by the module's `on_twin(regions, Request)`, where Request is `twin.internet.http.Request`."""

    functions: Mapping[str, WorkloadHandler]
    """Lambda functions, by name; deployed to both Regions."""

    schedules: Mapping[str, float]
    """Functions that EventBridge calls in each Region, and every how many seconds."""

    streams: Mapping[str, str]
    """Functions on the stream of each Region's replica, and the pattern (JSON) that a record must fit."""

    def create_table(self, client: DynamoDBClient, name: str) -> None:
        """One replica of the table."""
        ...

    def environment(self, region: str, other: str) -> Mapping[str, str]:
        """The functions' environment in a Region."""
        ...

    def client_id(self, region: str) -> str:
        """The app client of the Region's user pool."""
        ...

    def sign_in(self, region: str, username: str, password: str, now: datetime) -> str | None:
        """The ID token of a user of that Region's pool; None where name and password do not fit."""
        ...

    def canary_secret(self, region: str) -> str:
        """The secret of the user as whom checks sign in, in JSON."""
        ...

    def page_config(self, origin: str) -> Mapping[str, object]:
        """The page's config.json when it is served at `origin`, but for the operator's buttons."""
        ...

    def page_file(self, path: str) -> tuple[int, Mapping[str, str], bytes]:
        """A file of the page: status, headers, content."""
        ...

    def answer_sign_in(
        self, region: str, origin: str, request: tuple[str, str, str, str], clock: Callable[[], datetime]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """The hosted sign-in of a Region; `request` is method, path, query and body."""
        ...

    def write_number(self, item: Mapping[str, Any]) -> int | None:
        """Which numbered write an item of the table is of."""
        ...


def load_workload(module: str, regions: tuple[str, str]) -> Workload:
    """The workload that `module` offers. Raises TwinError where it offers none."""
    try:
        made: Workload = importlib.import_module(module).on_twin(regions, HttpRequest)
    except (ImportError, AttributeError) as error:
        raise TwinError(f"world.yaml names the deployment {module}, which cannot be used: {error}") from error
    return made
