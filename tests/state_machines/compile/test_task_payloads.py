"""What the tasks are told, and how they are retried."""

from __future__ import annotations

from typing import Any

from leeward.state_machines.analysis.execution_bounds import max_seconds
from leeward.state_machines.asl import TaskState
from tests.state_machines.conftest import compiled_failover, compiled_shop
from tests.state_machines.walks.graph_walker import GraphWalker
from tests.state_machines.walks.scripted_answers import FIRST_HEAD
from tests.support.nonempty import nonempty

NOT_RUN_ERRORS = [
    "Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
]  # fmt: skip


def payloads(runbook: str, function: str) -> list[dict[str, Any]]:
    compiled = compiled_failover() if runbook == "website" else compiled_shop(runbook)
    return GraphWalker(compiled.definition).run().payloads_of(function)


def parameters(runbook: str, function: str) -> dict[str, Any]:
    return dict(payloads(runbook, function)[0]["parameters"])


# Payloads


def test_task_payload_has_run_step_and_parameters() -> None:
    (payload,) = payloads("website", "lock-acquire")
    assert payload == {
        "run": {"id": "run-1", "approved": False},
        "head": FIRST_HEAD,
        "step": {"id": "take_the_lock", "name": "Take the lock", "kind": "lock", "attempt": 1},
        "poll": {"first_seconds": 5, "longest_seconds": 20, "timeout_seconds": 720},
        "parameters": {"application": "website", "home": "us-west-2"},
    }


def test_run_begin_payload_has_execution_and_runbook() -> None:
    output = parameters("website", "run-begin")
    assert output["execution"] == {"id": "arn:run", "name": "run-1", "started_at": "2026-03-01T09:00:00Z", "input": {}}
    runbook = output["runbook"]
    assert {key: runbook[key] for key in runbook if key != "steps"} == {
        "application": "website",
        "runbook": "failover",
        "origin": "us-east-1",
        "target": "us-west-2",
        "rto_seconds": 1800,
        "rpo_seconds": 300,
    }
    assert runbook["steps"][3] == {"id": "recover_the_servers", "name": "Recover the servers", "kind": "drs.recover"}


def test_failback_swaps_origin_and_target() -> None:
    runbook = parameters("failback", "run-begin")["runbook"]
    assert (runbook["origin"], runbook["target"]) == ("eu-central-1", "eu-west-1")
    route = parameters("failback", "arc-route")
    assert route["turn_on"] == [
        "arn:aws:route53-recovery-control::444455556666:controlpanel/0f1e2d3c/routingcontrol/1a2b3c4d"
    ]


def test_drs_recover_payload() -> None:
    (output,) = payloads("failover", "drs-recover")
    cache = {"name": "cache", "tags": {"Role": "cache"}, "expect": None}
    database = {"name": "database", "ids": ["s-11111111111111111", "s-22222222222222222"], "expect": 2}
    waves = output["parameters"].pop("waves")
    assert waves[0] == [cache, database]
    assert [[group["name"] for group in wave] for wave in waves[1:]] == [["application"], ["web"]]
    assert output["parameters"] == {
        "is_drill": False,
        "point_in_time": "2026-03-01T08:00:00Z",
        "max_servers_per_job": 100,
        "max_jobs": 20,
        "max_servers_in_jobs": 500,
        "region": "eu-central-1",
        "direction": "FAILOVER",
    }
    assert output["poll"] == {
        "first_seconds": 15,
        "longest_seconds": 30,
        "longest_ready_seconds": 480,
        "timeout_seconds": 3 * 1200,  # for 3 waves
    }


def test_latest_point_in_time_compiles_to_null() -> None:
    assert parameters("website", "drs-recover")["point_in_time"] is None


def test_preflight_payload_of_some_or_all_groups() -> None:
    some, every = parameters("failover", "preflight"), parameters("website", "preflight")
    assert [group["name"] for group in some["groups"]] == ["database", "web"]
    assert [group["name"] for group in every["groups"]] == ["database", "home-page", "catalogue-page"]
    assert every["rpo_seconds"] == 300
    assert len(every["endpoints"]) == 5
    assert every["endpoints"][0]["region"] == "us-east-1"
    assert set(every["controls"]) == {"us-east-1", "us-west-2"}
    assert all(":us-west-2:" in arn for arn in nonempty(every["target_groups"]))


def test_alb_payload_names_target_region_group() -> None:
    output = parameters("failover", "alb-register")
    arn = "arn:aws:elasticloadbalancing:eu-central-1:444455556666:targetgroup/shop-web/1b2c3d4e5f607182"
    assert output == {
        "targets": [
            {
                "target_group_arn": arn,
                "port": 8080,
                "group": {"name": "web", "tags": {"Role": "web"}, "expect": None},
            }
        ],
        "region": "eu-central-1",
    }


def test_http_check_payload_at_target_and_public() -> None:
    target, public = [payload["parameters"] for payload in payloads("failover", "http-check")]
    assert target["checks"] == [
        {
            "url": "https://shop.example.com/basket",
            "connect_to": "de.shop.example.com",
            "contains": "Basket",
            "status": 200,
        }
    ]
    assert target["consecutive"] == 3
    assert [check["connect_to"] for check in public["checks"]] == [None, None]
    assert public["checks"][0]["url"] == "https://shop.example.com/"
    assert public["consecutive"] == 5


def test_arc_route_payload_keeps_document_order() -> None:
    output = parameters("failover", "arc-route")
    assert [endpoint["region"] for endpoint in output["endpoints"]] == ["us-east-1", "eu-west-1"]
    assert output["turn_on"][0].endswith("2b3c4d5e")
    assert output["turn_off"][0].endswith("1a2b3c4d")
    assert output["safety_rules_to_override"][0].endswith("safetyrule/3c4d5e6f")


def test_route53_weights_payload() -> None:
    assert parameters("failover", "route53-weights") == {
        "hosted_zone": "Z0123456789ABCDEFGHIJ",
        "record": "api.shop.example.com",
        "type": "CNAME",
        "ttl": 60,
        "entries": [
            {"set_identifier": "ireland", "value": "ie.shop.example.com", "weight": 0},
            {"set_identifier": "frankfurt", "value": "de.shop.example.com", "weight": 100},
        ],
    }


def test_notify_payload_keeps_message() -> None:
    assert parameters("failover", "notify") == {"message": "It's {done}: 100%", "subject": "shop: Tell the team"}


def test_notify_subject_is_ascii() -> None:
    assert parameters("drill", "notify")["subject"] == "shop: step_6"


def test_custom_function_is_called_directly() -> None:
    (payload,) = payloads("failover", "shop-fill-cache")
    assert set(payload) == {"run", "step", "input"}
    assert payload["input"] == {"depth": 3, "names": ["a", "b"], "deep": {"fraction": 0.5, "nothing": None}}
    state = compiled_shop("failover").machine.states["Fill the cache"]
    assert isinstance(state, TaskState)
    assert set(state.retry[0].errors) == set(NOT_RUN_ERRORS), "not after a call that may have run"


def test_task_retries_match_contract() -> None:
    state = compiled_failover().machine.states["Take the lock"]
    assert isinstance(state, TaskState)
    never, every = (retrier.to_json() for retrier in state.retry)
    assert never["MaxAttempts"] == 0
    assert {"AccessDenied", "LockHeld", "LockLost", "UnexpectedError", "TimedOut"} <= set(state.retry[0].errors)
    assert not {"Throttled", "ServiceUnavailable", "AnswerLost", "CredentialsExpired", "Busy"} & set(
        state.retry[0].errors
    )
    assert every == {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": 2,
        "BackoffRate": 2.0,
        "MaxDelaySeconds": 30,
        "MaxAttempts": 5,
        "JitterStrategy": "FULL",
    }


def test_step_timeout_is_task_timeout() -> None:
    states = compiled_shop("failover").machine.states
    assert isinstance(ask := states["Ask: wait for the answer"], TaskState)
    assert ask.timeout_seconds == 600


def test_machine_timeout_is_declared_or_worst_path() -> None:
    assert compiled_shop("failback-drill").machine.timeout_seconds == 48 * 3600
    machine = compiled_shop("failover").machine
    assert machine.timeout_seconds == max_seconds(machine.start_at, machine.states) > 12 * 3600


def test_machine_comment_documents_input() -> None:
    for key in ("reason", "approve", "incident_at", "accept_data_loss", "point_in_time", "take_over", "waive_lock"):
        assert key in compiled_failover().machine.comment


def test_step_info_maps_states_to_steps() -> None:
    recover = compiled_failover().steps[3]
    assert recover.id == "recover_the_servers"
    assert {"Recover the servers", "Recover the servers: done?", "Recover the servers: look"} <= set(recover.states)
    register = next(step for step in compiled_shop("failback").steps if step.id == "register")
    assert {"Undo: Register", "Undo: Register: look"} <= set(register.undo_states)


def test_run_end_retries_outlast_throttling() -> None:
    states = compiled_failover().definition["States"]
    for name in ("Record the end", "Record the stop", "Record the stop, lock held"):
        *_, retry = states[name]["Retry"]
        waits = [
            min(retry["IntervalSeconds"] * retry["BackoffRate"] ** tried, retry["MaxDelaySeconds"])
            for tried in range(retry["MaxAttempts"])
        ]
        assert sum(waits) / 2 > 10 * 60, "with full jitter a wait is half of its longest on average"
