"""What each experiment observes without its repair, each in a forked child, so that all share one import of moto."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import sys
from typing import Any

from leeward.twin.engine import ACCOUNT, engine
from leeward.twin.engine.engine import cached_client
from leeward.twin.interception.calls.aws_calls import to_boto3_name
from tests.twin.engine.machines import PASS, REGION, catch_clause, machine, task
from tests.twin.engine.patch_experiments import EXPERIMENTS, leave_out


def _raw(name: str) -> Any:
    engine.PATCHES = leave_out(name)  # type: ignore[attr-defined]  # what Engine applies
    logging.disable(logging.NOTSET if name == "interpreter_overhead.skip_failure_logs" else logging.CRITICAL)
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

    os.environ.update(AWS_ACCESS_KEY_ID="twin", AWS_SECRET_ACCESS_KEY="twin")
    for service in ("stepfunctions", "dynamodb", "ec2", "elbv2", "iam", "lambda", "route53", "service-quotas"):
        cached_client(service, REGION)
    to_boto3_name("sfn")
    assert stepfunctions_backends[ACCOUNT]["us-east-1"].urls
    assert stepfunctions_parser_backends[ACCOUNT][REGION]
    AmazonStateLanguageParser.parse(json.dumps(machine("A", A=task("f", Catch=catch_clause("E", then="B")), B=PASS)))


def main() -> None:
    """Print {repair: what its experiment observes without it}."""
    _warm_up()
    gc.disable()  # a collection would touch, so copy, every page that a child shares with its parent
    gc.freeze()
    children = {name: _start_child(name) for name in EXPERIMENTS}
    json.dump({name: _answer_of(*child) for name, child in children.items()}, sys.stdout)


if __name__ == "__main__":
    main()
