"""What the twin needs to run this application: its functions, table, user pools, and users' requests.

`world.yaml` loads it by name. Only the twin and the tests use it, and it is not deployed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from workloads.ticketing.api import conflicts, heartbeat
from workloads.ticketing.api.handler import handler
from workloads.ticketing.page_files import build_headers, find_file
from workloads.ticketing.simulated_identity.sign_in_pages import SignInPages
from workloads.ticketing.simulated_identity.user_pool import (
    Person,
    SimulatedUserPool,
    build_identity_setting,
    generate_key,
)
from workloads.ticketing.table_schema import STREAM_FILTER, create_table

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from mypy_boto3_dynamodb import DynamoDBClient

FUNCTION, HEARTBEAT, CONFLICTS = "ticketing-api", "ticketing-heartbeat", "ticketing-conflicts"
CANARY = Person("9000000000000000", "Leeward", "canary@example.com", groups=("agents",))
_CANARY_PASSWORD = "of the twin alone"  # noqa: S105 - only valid in the twin
_WRITE_PREFIX = "Write"
# A token is valid for an hour. A user's session gets a new one well before that.
_TOKEN_RENEWAL = timedelta(minutes=45)


class RequestFactory(Protocol):
    """Creates the twin's HTTP requests."""

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: str) -> Any:
        """Return a request."""
        ...


class TicketingWorkload:
    """The ticketing service in two Regions, each with its own user pool, which both Regions trust."""

    functions: Mapping[str, Callable[[Any, Any], Any]] = {
        FUNCTION: handler,
        HEARTBEAT: heartbeat.handler,
        CONFLICTS: conflicts.handler,
    }
    schedules: Mapping[str, float] = {HEARTBEAT: 60}
    streams: Mapping[str, str] = {CONFLICTS: STREAM_FILTER}

    def __init__(self, regions: tuple[str, str], request: RequestFactory) -> None:
        self._pools = {region: SimulatedUserPool(region, key=_shared_key(region)) for region in regions}
        self._home = regions[0]
        self._request = request
        self._tokens: dict[int, tuple[datetime, str]] = {}
        self._hosted: dict[tuple[str, str], SignInPages] = {}

    def create_table(self, client: DynamoDBClient, name: str) -> None:
        """Create one replica of the table."""
        create_table(client, name)

    def environment(self, region: str, other: str) -> Mapping[str, str]:
        """Return the functions' environment variables."""
        del region
        return {
            "TABLE_NAME": "ticketing-tickets",
            "PEER_REGION": other,
            "IDENTITY": build_identity_setting(*self._pools.values()),
            "ALLOWED_ORIGINS": "",  # the page has the same origin as the API
            "VERSION": "twin",
        }

    def pool(self, region: str) -> SimulatedUserPool:
        """Return the Region's user pool."""
        return self._pools[region]

    def client_id(self, region: str) -> str:
        """Return the app client ID of the Region's pool."""
        return self._pools[region].client_id

    def sign_in(self, region: str, username: str, password: str, now: datetime) -> str | None:
        """Return the canary's ID token, or None if the credentials are wrong."""
        if (username, password) != (CANARY.username, _CANARY_PASSWORD):
            return None
        return str(self._pools[region].issue_tokens(CANARY, now=now)["id_token"])

    def canary_secret(self, region: str) -> str:
        """Return the canary's secret as JSON."""
        secret = {"client_id": self.client_id(region), "username": CANARY.username, "password": _CANARY_PASSWORD}
        return json.dumps(secret)

    def write_request(self, number: int, client: int, now: datetime) -> Any:
        """Return a POST /ticket request, with the number in its description and its own client token."""
        body = {"description": f"{_WRITE_PREFIX} {number} of user {client}", "clientToken": f"twin-write-{number}"}
        return self._request("POST", "/ticket", self._signed_headers(client, now), json.dumps(body))

    def read_request(self, thing: str, client: int, now: datetime) -> Any:
        """Return a GET /ticket/{id} request."""
        return self._request("GET", f"/ticket/{thing}", self._signed_headers(client, now), "")

    def created_id(self, response: Any) -> str | None:
        """Return the ID of the created ticket, or None."""
        ticket_id = json.loads(response.body).get("id")
        return ticket_id if isinstance(ticket_id, str) else None

    def write_number(self, item: Mapping[str, Any]) -> int | None:
        """Return the number in a ticket's description. Returns None for the table's other items and the canary's
        tickets.
        """
        words = str(item.get("description", {}).get("S", "")).split()
        return int(words[1]) if words[:1] == [_WRITE_PREFIX] and len(words) > 1 else None

    def page_config(self, origin: str) -> Mapping[str, object]:
        """Return the page's config.json."""
        return {
            "api": f"{origin}/api",
            "regions": [{"name": region, "health": f"{origin}/at/{region}/health"} for region in self._pools],
            "identity": [
                {
                    "region": region,
                    "authorize": f"{origin}/sign-in/{region}/oauth2/authorize",
                    "token": f"{origin}/sign-in/{region}/oauth2/token",
                    "clientId": pool.client_id,
                }
                for region, pool in self._pools.items()
            ],
        }

    def page_file(self, path: str) -> tuple[int, Mapping[str, str], bytes]:
        """Return a file of the page, with the headers that CloudFront adds."""
        file = find_file(path)
        if file is None:
            return 404, {"content-type": "text/plain"}, b"there is no such page\n"
        return 200, {"content-type": file[0], **build_headers()}, file[1]

    def answer_sign_in(
        self, region: str, origin: str, request: tuple[str, str, str, str], clock: Callable[[], datetime]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Handle a request to the hosted sign-in of the Region's pool, which only redirects to the page at `origin`."""
        key = (region, origin)
        if key not in self._hosted:
            self._hosted[key] = SignInPages(self._pools[region], [f"{origin}/", f"{origin}/index.html"], clock=clock)
        page = self._hosted[key].handle_request(*request)
        return page.status, page.headers, page.body.encode()

    def _signed_headers(self, client: int, now: datetime) -> Mapping[str, str]:
        issued_at, token = self._tokens.get(client, (None, ""))
        if issued_at is None or now - issued_at > _TOKEN_RENEWAL:
            person = Person(f"{client:016d}", f"User {client}", f"user{client}@example.com")
            token = str(self._pools[self._home].issue_tokens(person, now=now)["id_token"])
            self._tokens[client] = (now, token)
        return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


@cache
def _shared_key(region: str) -> RSAPrivateKey:
    """Return one key for all worlds of a process, because generating keys is slow."""
    del region
    return generate_key()


def on_twin(regions: tuple[str, str], request: RequestFactory) -> TicketingWorkload:
    """Return the workload. `world.yaml` refers to this function."""
    return TicketingWorkload(regions, request)
