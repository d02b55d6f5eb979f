"""A served world in a process of its own, as its users have it, and what talks to it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.support.paths import REPOSITORY

TARGET, ORIGIN = "us-west-2", "us-east-1"
COMMAND = (sys.executable, "-m", "leeward.cli", "twin", "serve", "website", "--port", "0", "--pace", "0")
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "twin",
    "AWS_SECRET_ACCESS_KEY": "twin",
    "AWS_DEFAULT_REGION": TARGET,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True)
class TwinResponse:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


class ServedTwin:
    """The server's process, and its control endpoints."""

    def __init__(self, *options: str, lines: int, log: Path) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *options],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "200"},
            stdout=subprocess.PIPE,
            stderr=log.open("w"),
            text=True,
        )
        assert self.process.stdout is not None
        self.shown = "".join(self.process.stdout.readline() for _ in range(lines))
        self.log = log
        found = re.search(r"http://127\.0\.0\.1:(\d+)", self.shown)
        assert found, log.read_text()
        self.url, self.port = found.group(), int(found.group(1))

    def close(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=10)

    def environment(self) -> dict[str, str]:
        """What a client's process is given: nothing of the person's own, and the endpoint."""
        mine = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**mine, **ENVIRONMENT, "AWS_ENDPOINT_URL": self.url}

    def client(self, service: str, region: str = TARGET, *, endpoint: str | None = None, attempts: int = 1) -> Any:
        """A client as any program makes it, but for the endpoint."""
        session = boto3.Session(aws_access_key_id="twin", aws_secret_access_key="twin", region_name=region)
        config = Config(retries={"total_max_attempts": attempts, "mode": "standard"}, read_timeout=30)
        client: Any = session.client
        return client(service, endpoint_url=endpoint or self.url, config=config)

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> TwinResponse:
        request = urllib.request.Request(self.url + path, data=body, headers=dict(headers or {}), method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return TwinResponse(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read())
        except urllib.error.HTTPError as error:
            return TwinResponse(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())

    def post(self, name: str, document: object) -> TwinResponse:
        body = json.dumps(document).encode()
        return self.request("POST", f"/_twin/{name}", body, {"Content-Type": "application/json"})

    def advance(self, seconds: float) -> None:
        assert self.post("advance", {"seconds": seconds}).status == 200

    def await_calls(self, count: int) -> None:
        """Until so many AWS calls have come in and wait for virtual time."""
        for _ in range(200):
            if self.request("GET", "/_twin/health").document["calls_waiting"] == count:
                return
            time.sleep(0.05)
        raise AssertionError(f"never were {count} calls waiting")

    def state(self) -> Any:
        return self.request("GET", "/_twin/state").document
