"""The deployed runbook, started and answered over HTTP by clients, while a Region is dark."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from leeward.cli.main import main
from tests.support.nonempty import nonempty
from tests.support.served_twin import ENVIRONMENT, ORIGIN, REPOSITORY, TARGET, ServedTwin


def test_failover_over_http_leaves_unavailable_region(
    own: ServedTwin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert own.client("ec2", ORIGIN).describe_instances()["Reservations"]
    own.advance(301)
    with pytest.raises(ConnectionClosedError):
        own.client("ec2", ORIGIN).describe_instances()
    own.advance(360)
    seen = own.state()
    assert [seen["regions"][r]["dark"] for r in (ORIGIN, TARGET)] == [True, False]
    assert {s["replication"] for s in seen["regions"][TARGET]["source_servers"]} == {"STALLED"}
    assert seen["users"]["now"] == {"nobody": 5}

    states = own.client("stepfunctions")
    [machine] = [m for m in seen["state_machines"] if m["runbook"] == "failover"]
    given = json.dumps({"reason": "it does not answer", "accept_data_loss": True})
    execution = states.start_execution(stateMachineArn=machine["arn"], name="drill-1", input=given)["executionArn"]
    own.advance(60)
    [run] = own.state()["executions"]
    assert (run["arn"], run["status"], run["runbook"]) == (execution, "RUNNING", "failover")
    [question] = run["questions"]
    assert question["kind"] == "approval"
    states.send_task_success(taskToken=question["token"], output=json.dumps({"decision": "approve", "by": "me"}))
    with pytest.raises(states.exceptions.TaskTimedOut):
        states.send_task_success(taskToken=question["token"], output=json.dumps({"decision": "approve", "by": "me"}))

    own.post("pace", {"pace": 3600})
    for _ in range(120):
        output = states.describe_execution(executionArn=execution)
        if output["status"] != "RUNNING":
            break
        time.sleep(0.25)
    own.post("pace", {"pace": 0})
    own.advance(120)

    assert output["status"] == "SUCCEEDED", output.get("cause")
    events = states.get_execution_history(executionArn=execution, reverseOrder=True, maxResults=1)["events"]
    assert events
    seen = own.state()
    assert {c["region"]: c["state"] for c in seen["routing_controls"]} == {ORIGIN: "Off", TARGET: "On"}
    assert seen["dns"]["region"] == TARGET
    assert seen["users"]["now"] == {TARGET: 5}
    assert seen["users"]["served"][TARGET] > 0
    assert {step["status"] for step in seen["executions"][0]["steps"]} == {"done"}
    assert seen["executions"][0]["stopped_at"] is not None
    assert seen["problems"] == []

    monkeypatch.chdir(tmp_path)
    for name, value in {**ENVIRONMENT, "AWS_ENDPOINT_URL": own.url}.items():
        monkeypatch.setenv(name, value)
    check_evidence_over_http(tmp_path, capsys)

    # Later in the same world: the Region comes back.
    assert own.post("incident", {"light": ORIGIN}).status == 200
    assert own.client("ec2", ORIGIN).describe_instances()["Reservations"]
    assert own.state()["regions"][ORIGIN]["dark"] is False


def check_evidence_over_http(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As it would be from AWS, while the origin is dark."""
    run, root = "website.failover.drill-1", ["--twin", "--root", str(REPOSITORY)]
    capsys.readouterr()
    assert main(["show", run, "--json", *root]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["outcome"], shown["source"], shown["traffic"]) == ("succeeded", "aws", None)
    assert next(node["name"] for node in shown["graph"]["nodes"] if node["order"]) == "Begin the run"
    assert main(["export", run, "--key", str(folder / "own.pem"), *root]) == 0
    assert main(["verify", f"{run}.leeward.zip", "--key", str(folder / "own.pub")]) == 0


def test_simulation_error_is_returned_and_server_continues(own: ServedTwin) -> None:
    """moto fails inside on a marker that it never gave out: a client's mistake must not end everybody's world."""
    with pytest.raises(ClientError) as caught:
        own.client("elb").describe_load_balancers(Marker="never-given-out")
    assert caught.value.response["Error"]["Code"] == "InternalFailure"
    assert "elb:DescribeLoadBalancers" in caught.value.response["Error"]["Message"]
    assert own.request("GET", "/_twin/health").document["status"] == "degraded"
    assert "never-given-out" in own.state()["problems"][0]
    assert own.client("drs").describe_source_servers()["items"]


def test_serve_json_prints_facts_and_stops_on_interrupt(own: ServedTwin) -> None:
    facts = json.loads(own.shown)
    assert (facts["url"], facts["pid"]) == (own.url, own.process.pid)
    assert facts["regions"] == {"primary": ORIGIN, "standby": TARGET}
    assert f"arn:aws:states:{TARGET}:111122223333:stateMachine:website-failover" in facts["state_machines"]
    runbooks = {path.stem for path in (REPOSITORY / "runbooks" / "website").glob("*.yaml")} - {"application"}
    deployed = {arn.rpartition(":")[2] for arn in facts["state_machines"]}
    assert deployed == {f"website-{runbook}" for runbook in nonempty(runbooks)}
    own.process.send_signal(signal.SIGINT)
    rest, _ = own.process.communicate(timeout=20)
    assert (own.process.returncode, rest) == (0, "")
