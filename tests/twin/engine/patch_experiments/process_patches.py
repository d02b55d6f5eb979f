"""Experiments: the process, and botocore's and moto's loaders."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import urllib3

from leeward.twin.engine import HttpResponse
from tests.twin.engine.machines import machine, open_engine, run_execution, task


def sleep_on_virtual_time() -> Any:
    with open_engine() as opened:
        before = opened.clock.now()
        time.sleep(0.01)
        return (opened.clock.now() - before).total_seconds()


def draw_random_bytes_from_seed() -> Any:
    drawn = []
    for _ in range(2):
        with open_engine():
            drawn.append(os.urandom(8))
    return drawn[0] == drawn[1]


def refuse_threads_of_handlers() -> Any:
    def starts_thread(event: Any, context: Any) -> Any:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
        return {}

    with open_engine({"f": starts_thread}) as opened:
        return run_execution(opened, machine("A", A=task("f"))).status


def answer_plain_requests() -> Any:
    with open_engine() as opened:
        opened.interceptor.http.handler = lambda method, url, headers: HttpResponse(200, {}, b"simulated")
        options: dict[str, Any] = {"retries": False, "timeout": 0.2}
        return urllib3.PoolManager().request("GET", "http://127.0.0.1:9/", **options).data.decode()


def share_parsed_models() -> Any:
    import botocore.loaders

    with open_engine():
        models = [botocore.loaders.Loader().load_service_model("sqs", "service-2") for _ in range(2)]
    return models[0] is models[1]


def list_services_once() -> Any:
    import botocore.loaders

    with open_engine():
        botocore.loaders.Loader().list_available_services("service-2")
        loader, searched = botocore.loaders.Loader(), []
        locations = loader._potential_locations
        loader._potential_locations = lambda *given, **more: searched.append(1) or locations(*given, **more)
        assert "sqs" in loader.list_available_services("service-2")
    return len(searched)


def use_separate_clients() -> Any:
    from leeward.common.aws import clients, signal_clients

    before = clients.cached_client, signal_clients.cached_signal_client
    with open_engine():
        return clients.cached_client is before[0] or signal_clients.cached_signal_client is before[1]
