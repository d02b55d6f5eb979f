"""One experiment per repair: what it observes with the repair and in raw moto.

Run as a module it prints, as JSON, what each experiment observes in an engine that lacks just that one repair. Each
runs in a forked child, so that all share one import of moto.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import sys
import time
import weakref
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tests.twin.engine import drills
from tests.twin.engine.drills import PASS, REGION, catch, elapsed, ended, engine, machine, started, task, wait
from twin.engine import ACCOUNT, Engine, repairs
from twin.engine.engine import warm_client
from twin.engine.repairs import stopping
from twin.errors import TwinError
from twin.wire import hook
from twin.wire.calls import boto3_name

Experiment = Callable[[], Any]
NEVER: drills.Handlers = {"ask": lambda event, context: None}


def _sleeps(seconds: float) -> Callable[[Any, Any], Any]:
    def handler(event: Any, context: Any) -> Any:
        time.sleep(seconds)
        return {}

    return handler


def _keeps_token(tokens: list[str]) -> drills.Handlers:
    return {"ask": lambda event, context: tokens.append(event["token"])}


def _sfn(opened: Engine) -> Any:
    return opened.client("stepfunctions", REGION)


def _stopped_at(definition: drills.Asl, handlers: drills.Handlers, at: float = 1000) -> Any:
    with engine(handlers) as opened:
        execution = started(opened, definition)
        opened.clock.later(at, lambda: _sfn(opened).stop_execution(executionArn=execution))
        return [opened.wait(execution).status, elapsed(opened)]


def threads_and_clocks() -> Any:
    with engine() as opened:
        try:
            return [ended(opened, machine("W", W=wait(3600))).status, elapsed(opened)]
        except Exception:  # a deadlock, or worse: real threads race
            return "fails"


def clients_that_wait() -> Any:
    with engine() as opened:
        sqs = opened.client("sqs", REGION)
        queue = sqs.create_queue(QueueName="q")["QueueUrl"]
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        try:
            sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)
        except TimeoutError:
            return "hangs"
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return elapsed(opened)


def _same_in_two_runs(run: Callable[[Engine, int], Any]) -> bool:
    seen = []
    for number in (1, 2):
        with engine(NEVER) as opened:
            seen.append(run(opened, number))
    return bool(seen[0] == seen[1])


def heap_keys() -> Any:
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}]
    definition = machine("A", A=task("missing", Retry=retry))  # attempts are counted under a heap key

    def run(opened: Engine, _: int) -> str:
        ended(opened, definition)
        return str(uuid4())

    return _same_in_two_runs(run)


def task_tokens() -> Any:
    def run(opened: Engine, number: int) -> str:
        if number == 2:
            uuid4()
        tokens: list[str] = []
        opened.functions.register(REGION, "keep", lambda event, context: tokens.append(event["token"]))
        execution = started(opened, machine("A", A=task("keep", token=True, TimeoutSeconds=5)), name="run-1")
        opened.wait(execution)
        return tokens[0]

    return _same_in_two_runs(run)


def backend_ids() -> Any:
    def run(opened: Engine, _: int) -> str:
        opened.client("glacier", REGION).list_vaults()
        return str(uuid4())

    return _same_in_two_runs(run)


def stop_wakes_states() -> Any:
    return _stopped_at(machine("A", A=task("slow")), {"slow": _sleeps(800)}, at=500)


def stop_ends_back_off() -> Any:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 3000, "MaxAttempts": 3}]
    return _stopped_at(machine("A", A=task("missing", Retry=retry)), {})


def abandoned_tasks_are_silent() -> Any:
    with engine({"slow": _sleeps(800)}) as opened:
        execution = started(opened, machine("A", A=task("slow", TimeoutSeconds=60)))
        opened.wait(execution)
        before = len(opened.history(execution))
        opened.clock.sleep(2000)
        return len(opened.history(execution)) > before


def event_quota() -> Any:
    stopping.MOST_EVENTS = 100
    loop = machine(
        "Add",
        Add={"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Again?"},
        **{
            "Again?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.n", "NumericLessThan": 60, "Next": "Add"}],
                "Default": "Done",
            },
            "Done": PASS,
        },
    )
    try:
        with engine() as opened:
            return ended(opened, loop, {"n": 0}).status
    finally:
        stopping.MOST_EVENTS = 25_000


def default_name() -> Any:
    with engine() as opened:
        arn = opened.create_state_machine(REGION, "machine", machine("A", A=PASS))
        first, second = opened.start(arn, input={"n": 1}), opened.start(arn, input={"n": 2})
        return [first != second, first.endswith(":None")]


def not_yet_begun() -> Any:
    with engine() as opened:
        execution = started(opened, machine("W", W=wait(10)))
        _sfn(opened).stop_execution(executionArn=execution)
        return opened.wait(execution).status


def abort_details() -> Any:
    with engine() as opened:
        execution = started(opened, machine("W", W=wait(3600)))
        opened.clock.sleep(10)
        _sfn(opened).stop_execution(executionArn=execution, error="Operator", cause="enough")
        outcome = opened.wait(execution)
        return [outcome.error, outcome.cause]


def failure_cause() -> Any:
    tokens: list[str] = []
    with engine(_keeps_token(tokens)) as opened:
        execution = started(opened, machine("A", A=task("ask", token=True, TimeoutSeconds=60)))
        opened.clock.sleep(5)
        _sfn(opened).send_task_failure(taskToken=tokens[0], error="Rejected", cause="not today")
        outcome = opened.wait(execution)
        return [outcome.error, outcome.cause]


def quoted_output() -> Any:
    with engine() as opened:
        execution = started(opened, machine("A", A={"Type": "Pass", "Result": "text", "End": True}))
        opened.clock.sleep(1)
        return _sfn(opened).describe_execution(executionArn=execution)["output"]


def timed_out_stop_date() -> Any:
    with engine() as opened:
        execution = started(opened, {**machine("W", W=wait(3600)), "TimeoutSeconds": 60})
        opened.clock.sleep(100)
        described = _sfn(opened).describe_execution(executionArn=execution)
        return [described["status"], "stopDate" in described]


def exact_timestamps() -> Any:
    with engine({"f": lambda event, context: {}}, latency=0.000123) as opened:
        execution = started(opened, machine("A", A=task("f")))
        opened.wait(execution)
        return opened.history(execution)[-1]["timestamp"]


def end_announced() -> Any:
    with engine() as opened:
        return ended(opened, machine("A", A=PASS)).status


def events_announced() -> Any:
    told: list[str] = []
    with engine() as opened:
        opened.on_event(lambda arn, event: told.append(event["type"]))
        ended(opened, machine("A", A=PASS))
    return told


def _caught(name: str) -> Any:
    definition = machine(
        "A",
        A=task("ask", token=True, HeartbeatSeconds=30, TimeoutSeconds=600, Catch=catch(name, then="Caught")),
        Caught=PASS,
    )
    with engine(NEVER) as opened:
        execution = started(opened, definition)
        return [opened.wait(execution).status, drills.states_entered(opened, execution), elapsed(opened)]


def heartbeat_timeout_name() -> Any:
    return _caught("States.HeartbeatTimeout")


def heartbeat_without_timeout() -> Any:
    tokens: list[str] = []
    with engine(_keeps_token(tokens)) as opened:
        execution = started(opened, machine("A", A=task("ask", token=True, HeartbeatSeconds=50)))
        for at in (40, 80):
            opened.clock.later(at, lambda: _sfn(opened).send_task_heartbeat(taskToken=tokens[0]))
        opened.clock.later(100, lambda: _sfn(opened).send_task_success(taskToken=tokens[0], output="{}"))
        try:
            return [opened.wait(execution).status, elapsed(opened)]
        except TwinError:  # the late heartbeat and answer of raw moto fail their actors
            return [_sfn(opened).describe_execution(executionArn=execution)["status"], elapsed(opened)]


def answer_before_the_wait() -> Any:
    def quick(event: Any, context: Any) -> Any:
        _sfn(opened).send_task_success(taskToken=event["token"], output="{}")
        return {}

    with engine({"quick": quick}) as opened:
        execution = started(opened, machine("A", A=task("quick", token=True, HeartbeatSeconds=30, TimeoutSeconds=60)))
        return [opened.wait(execution).status, elapsed(opened)]


def late_answers() -> Any:
    tokens: list[str] = []
    definition = machine(
        "A", A=task("ask", token=True, TimeoutSeconds=60, Catch=catch("States.ALL", then="W")), W=wait(99)
    )
    with engine(_keeps_token(tokens)) as opened:
        execution = started(opened, definition)
        opened.clock.sleep(100)
        try:
            _sfn(opened).send_task_success(taskToken=tokens[0], output="{}")
        except opened.client("stepfunctions", REGION).exceptions.TaskTimedOut:
            return "TaskTimedOut"
        finally:
            opened.wait(execution)
        return "accepted"


def _redriven() -> Any:
    calls: list[str] = []

    def bad(event: Any, context: Any) -> Any:
        calls.append("bad")
        if calls.count("bad") == 1:
            raise ZeroDivisionError
        return {}

    with engine({"good": lambda event, context: calls.append("good"), "bad": bad}) as opened:
        try:
            execution = started(opened, machine("A", A=task("good", Next="B"), B=task("bad")))
            opened.wait(execution)
            opened.redrive(execution)
            return [opened.wait(execution).status, calls.count("good")]
        except Exception:  # in raw moto there is no such thing as a redrive
            return "fails"


def execution_goes_on() -> Any:
    return _redriven()


def redrive_execution() -> Any:
    return _redriven()


def redrives_told() -> Any:
    with engine({}) as opened:
        execution = started(opened, machine("F", F={"Type": "Fail"}))
        opened.wait(execution)
        opened.redrive(execution)
        opened.wait(execution)
        return _sfn(opened).describe_execution(executionArn=execution).get("redriveCount")


def ended_threads() -> Any:
    from moto.stepfunctions.parser import utils

    with engine() as opened:
        ended(opened, machine("A", A=PASS))
    return len(utils.TMP_THREADS) > 0


def ended_backends() -> Any:
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    with engine():
        kept = weakref.ref(stepfunctions_parser_backends["111122223333"])
    gc.collect()
    return kept() is not None


def definitions_parsed_once() -> Any:
    from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

    text = json.dumps(machine("A", A=PASS))
    return AmazonStateLanguageParser.parse(text)[0] is AmazonStateLanguageParser.parse(text)[0]


def quick_prediction() -> Any:
    from antlr4 import CommonTokenStream, InputStream  # type: ignore[import-untyped]
    from antlr4.atn.PredictionMode import PredictionMode  # type: ignore[import-untyped]
    from moto.stepfunctions.parser.asl.antlr.runtime.ASLLexer import ASLLexer
    from moto.stepfunctions.parser.asl.antlr.runtime.ASLParser import ASLParser

    parser = ASLParser(CommonTokenStream(ASLLexer(InputStream("{}"))))
    return parser._interp.predictionMode is PredictionMode.SLL


def paths_parsed_once() -> Any:
    from moto.stepfunctions.parser.asl.utils import json_path

    return json_path.parse("$.a.b") is json_path.parse("$.a.b")


def clients_made_once() -> Any:
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_sns as sns

    with engine():
        made = [sns.boto_client_for(region=REGION, service="sns", state_credentials=None) for _ in range(2)]
    return made[0] is made[1]


def signatures_not_computed() -> Any:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    def signature() -> str:
        request = AWSRequest("GET", "https://drs.us-west-2.amazonaws.com/", {}, b"")
        SigV4Auth(Credentials("a", "b"), "drs", REGION).add_auth(request)
        return str(request.headers["Authorization"]).partition("Signature=")[2]

    computed = signature()
    with engine():
        inside = signature()
    assert int(computed, 16) > 0  # outside an engine a request is signed as ever
    return int(inside, 16) == 0


def operations_listed_once() -> Any:
    from moto.core import responses

    return responses.method_names_from_class(dict) is responses.method_names_from_class(dict)


def attributes_found_at_once() -> Any:
    from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
    from moto.core.utils import get_service_model

    shape = get_service_model("drs").operation_model("DescribeJobs").output_shape.members["items"]
    looked: list[str] = []

    class Picker(XFormedAttributePicker):  # type: ignore[misc]  # moto is untyped
        def get_possible_keys(self, context: Any) -> Any:
            looked.append(context.key)
            return super().get_possible_keys(context)

    found = [Picker()(AttributePickerContext(obj={"items": [n]}, key="items", shape=shape)) for n in range(3)]
    assert found == [[0], [1], [2]]
    return len(looked)


def _answered(result: Any) -> tuple[int, Any]:
    """How many members are asked for, and the body, when DRS's DescribeJobs answers `result`."""
    from moto.core.serialize import RestJSONSerializer, XFormedAttributePicker
    from moto.core.utils import get_service_model

    class Asking(RestJSONSerializer):  # type: ignore[misc]  # moto is untyped
        asked = 0

        def get_value(self, value: Any, key: str, shape: Any) -> Any:
            Asking.asked += 1
            return super().get_value(value, key, shape)

    operation = get_service_model("drs").operation_model("DescribeJobs")
    body = Asking(operation_model=operation, value_picker=XFormedAttributePicker()).serialize(result)["body"]
    return Asking.asked, json.loads(body)


def absent_members_passed_over() -> Any:
    job = {"jobID": "drsjob-1", "type": "LAUNCH", "participatingServers": [{"sourceServerID": "s-1"}]}
    asked, body = _answered({"items": [job], "next_token": None})
    assert body == {"items": [job]}
    return asked


def backends_found_at_once() -> Any:
    from moto.core.base_backend import BackendDict
    from moto.sns.models import sns_backends

    looked: list[str] = []
    create = BackendDict._create_account_specific_backend

    def noted(self: Any, account_id: str) -> None:
        looked.append(account_id)
        create(self, account_id)

    BackendDict._create_account_specific_backend = noted
    try:
        first = sns_backends["444455556666"]
        assert sns_backends["444455556666"] is first
    finally:
        BackendDict._create_account_specific_backend = create
    return len(looked)


def request_ids_not_drawn() -> Any:
    from moto.core import responses

    return responses.gen_amzn_requestid_long() == responses.gen_amzn_requestid_long()


def user_agents_worded_once() -> Any:
    from botocore.useragent import UserAgentString

    agent = UserAgentString.from_environment()
    assert agent.to_string() is not agent.to_string()  # outside an engine it is worded as ever
    with engine():
        return agent.to_string() is agent.to_string()


def requests_made_at_once() -> Any:
    from moto.core import request
    from werkzeug.test import EnvironBuilder

    built: list[str] = []
    get_environ = EnvironBuilder.get_environ

    def noted(self: Any) -> Any:
        built.append(self.path)
        return get_environ(self)

    EnvironBuilder.get_environ = noted  # type: ignore[method-assign]
    try:
        for url in ("https://drs.us-west-2.amazonaws.com/DescribeJobs", "https://a.amazonaws.com/tags/arn%3Aaws"):
            made = request.Request.from_primitives(
                "POST", url, {"Content-Type": "application/json", "X-A": b"b"}, b"{}"
            )
            assert (made.raw_url, made.data, made.headers["X-A"]) == (url, b"{}", "b")
            assert (made.content_type, made.headers["Content-Length"]) == ("application/json", "2")
    finally:
        EnvironBuilder.get_environ = get_environ  # type: ignore[method-assign]
    return len(built)


def bodies_written_at_once() -> Any:
    from moto.core.serialize import ResponseSerializer

    walked: list[str] = []
    serialize = ResponseSerializer.serialize

    def noted(self: Any, result: Any) -> Any:
        walked.append(str(self.operation_model.name))
        return serialize(self, result)

    key = {"AttributeName": "pk", "AttributeType": "S"}
    with engine() as opened:
        table = opened.client("dynamodb", REGION)
        schema = [{"AttributeName": "pk", "KeyType": "HASH"}]
        table.create_table(TableName="t", KeySchema=schema, AttributeDefinitions=[key], BillingMode="PAY_PER_REQUEST")
        for name, value in (("plain", {"M": {"n": {"N": "1"}}}), ("odd", {"B": b"bytes"})):
            table.put_item(TableName="t", Item={"pk": {"S": name}, "value": value})
        ResponseSerializer.serialize = noted
        try:
            for name, value in (("plain", {"M": {"n": {"N": "1"}}}), ("odd", {"B": b"bytes"})):
                found = table.get_item(TableName="t", Key={"pk": {"S": name}})["Item"]
                assert found == {"pk": {"S": name}, "value": value}
        finally:
            ResponseSerializer.serialize = serialize
    return len(walked)


def plain_values_copied() -> Any:
    from moto.stepfunctions.parser.asl.eval import states

    mutable = {"list": [{"a": 1}], "odd": {1, 2}}
    copied = states.copy.deepcopy(mutable)
    assert copied == mutable
    assert copied["list"][0] is not mutable["list"][0]
    assert copied["odd"] is not mutable["odd"]
    return states.copy.deepcopy is not __import__("copy").deepcopy


def failures_not_printed() -> Any:
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logger, keep = logging.getLogger("moto.stepfunctions.parser.asl.component.eval_component"), Keep()
    logger.addHandler(keep)
    logger.setLevel(logging.ERROR)
    try:
        with engine() as opened:
            ended(opened, machine("A", A={"Type": "Fail", "Error": "E", "Cause": "C"}))
    finally:
        logger.removeHandler(keep)
        logger.setLevel(logging.NOTSET)
    return len(lines) > 0


EXPERIMENTS: dict[str, Experiment] = {
    name: globals()[name.split(".")[1]] for name in repairs.names() if name.split(".")[1] in globals()
}


def _raw(name: str) -> Any:
    repairs.install(without={name})
    logging.disable(logging.NOTSET if name == "speed.failures_not_printed" else logging.CRITICAL)
    signal.signal(signal.SIGALRM, _give_up)
    try:
        return EXPERIMENTS[name]()
    except BaseException as error:  # what raw moto does is often to fail
        return type(error).__name__


def _give_up(*_: Any) -> None:
    raise TimeoutError


def _start_child(name: str) -> tuple[int, int]:
    """A forked child that runs the experiment: its process id, and where its answer is read from."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as out:
            json.dump(_raw(name), out)
        os._exit(0)
    os.close(writing)
    return child, reading


def _answer_of(child: int, reading: int) -> Any:
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else "died"


def _warm_up() -> None:
    """What every child would otherwise do again: make the client, find the Regions, load the parser's tables."""
    from moto.stepfunctions.models import stepfunctions_backends
    from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    hook.install()
    os.environ.update(AWS_ACCESS_KEY_ID="twin", AWS_SECRET_ACCESS_KEY="twin")
    warm_client("stepfunctions", REGION)
    boto3_name("sfn")
    assert stepfunctions_backends[ACCOUNT]["us-east-1"].urls
    assert stepfunctions_parser_backends[ACCOUNT][REGION]
    AmazonStateLanguageParser.parse(json.dumps(machine("A", A=task("f", Catch=catch("E", then="B")), B=PASS)))


def main() -> None:
    """Print {repair: what its experiment observes without it}."""
    _warm_up()
    gc.disable()  # a collection would touch, so copy, every page that a child shares with its parent
    gc.freeze()
    children = {name: _start_child(name) for name in EXPERIMENTS}
    json.dump({name: _answer_of(*child) for name, child in children.items()}, sys.stdout)


if __name__ == "__main__":
    main()
