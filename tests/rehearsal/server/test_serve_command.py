"""`leeward twin serve`, as it is typed."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from leeward.cli.main import main
from tests.support.served_twin import ENVIRONMENT, REPOSITORY, ServedTwin

PASTED = "import boto3; print(len(boto3.client('drs').describe_source_servers(filters={})['items']))"


def rejection(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["twin", "serve", *arguments, "--root", str(REPOSITORY)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    return output.err


def test_printed_exports_configure_a_client(calm: ServedTwin) -> None:
    assert "website: the primary Region is us-east-1, the standby Region is us-west-2." in calm.shown
    exported = [line for line in calm.shown.splitlines() if line.startswith("export ")]
    exports = dict(re.findall(r"(AWS_[A-Z_]+)=(\S+)", "\n".join(exported)))
    assert exports.keys() - ENVIRONMENT.keys() == {"AWS_ENDPOINT_URL"}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    pasted = subprocess.run(
        [sys.executable, "-c", PASTED],
        env={**clean, **exports},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (pasted.stdout, pasted.returncode) == ("3\n", 0), pasted.stderr


def test_port_in_use_is_reported_with_fix(calm: ServedTwin, capsys: pytest.CaptureFixture[str]) -> None:
    output = rejection(capsys, "website", "--port", str(calm.port))
    assert f"port {calm.port} cannot be used: something else listens there" in output
    assert "Choose another port with --port" in output


def test_misspelled_names_get_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Did you mean website?" in rejection(capsys, "webiste")
    assert "Did you mean region-dark?" in rejection(capsys, "website", "--scenario", "region-drak")


def test_negative_pace_is_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--pace must be 0 or more" in rejection(capsys, "website", "--pace", "-1")


def test_scenario_of_other_application_is_rejected(
    capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    strange = tmp_path_factory.mktemp("scenarios") / "strange.yaml"
    strange.write_text(
        "scenario: strange\nincident: {at: 5m}\nfaults: [{kind: launch-fails, group: mainframe}]\n", encoding="utf-8"
    )
    output = rejection(capsys, "website", "--port", "0", "--scenario", str(strange))
    assert "there is no server group mainframe" in output
    assert "database, home-page, catalogue-page" in output
