"""Nothing is changed before its difference was shown and a person said yes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from leeward.infra.deployment import DeploymentFailed, deploy, destroy, list_stacks
from leeward.infra.synthesis.template_cache import synthesize
from tests.support.nonempty import nonempty


class RecordingCdk:
    """What would be run, and what it answers."""

    def __init__(self, **answers: int) -> None:
        self.calls: list[Sequence[str]] = []
        self.answers = answers

    def __call__(self, arguments: Sequence[str]) -> int:
        self.calls.append(arguments)
        return self.answers.get(arguments[0], 0)

    @property
    def verbs(self) -> list[str]:
        return [call[0] for call in self.calls]


def test_deploy_shows_diff_asks_then_deploys() -> None:
    cdk, asked = RecordingCdk(), []

    def ask(question: str) -> str:
        asked.append(question)
        assert cdk.verbs == ["diff"]
        return "example"

    deploy("website", "example", run=cdk, ask=ask)
    assert cdk.verbs == ["diff", "deploy"]
    (question,) = asked
    assert "account 111122223333" in question
    assert "eu-west-1, us-east-1, us-west-2" in question


def test_deploy_limits_to_named_stacks() -> None:
    cdk = RecordingCdk()
    deploy("website", "example", stack_patterns=["leeward-website-workload-*"], run=cdk, ask=lambda _: "example")
    for call in nonempty(cdk.calls):
        assert [part for part in call if part.startswith("leeward-")] == [
            "leeward-website-workload-us-east-1",
            "leeward-website-workload-us-west-2",
        ]


def test_deploy_rejects_unknown_stack_name() -> None:
    with pytest.raises(DeploymentFailed, match="No stack is called leeward-web"):
        deploy("website", "example", stack_patterns=["leeward-web"], run=RecordingCdk())


@pytest.mark.parametrize("answer", ["", "y", "yes", "website"])
def test_deploy_requires_environment_name_as_answer(answer: str) -> None:
    cdk = RecordingCdk()
    with pytest.raises(DeploymentFailed, match="Nothing was changed"):
        deploy("website", "example", run=cdk, ask=lambda _: answer)
    assert cdk.verbs == ["diff"]


def test_deploy_stops_when_diff_fails() -> None:
    cdk = RecordingCdk(diff=1)
    with pytest.raises(DeploymentFailed, match="nothing was deployed"):
        deploy("website", "example", yes=True, run=cdk)
    assert cdk.verbs == ["diff"]


def test_deploy_reports_partial_deployment() -> None:
    with pytest.raises(DeploymentFailed, match="deploy again to continue"):
        deploy("website", "example", yes=True, run=RecordingCdk(deploy=1))


def test_destroy_keeps_journal_stack() -> None:
    cdk = RecordingCdk()
    destroy("website", "example", run=cdk, ask=lambda _: "website example")
    (call,) = cdk.calls
    assert "--exclusively" in call  # cdk would destroy what depends on them too, which the journal does
    named = [stack.name for stack in list_stacks(synthesize("website", "example"))]
    assert set(named) - set(call) == {"leeward-website-journal"}


def test_deploy_uses_exclusively_for_shown_stacks() -> None:
    cdk = RecordingCdk()
    deploy("website", "example", stack_patterns=["leeward-website-journal"], yes=True, run=cdk)
    assert all("--exclusively" in call for call in nonempty(cdk.calls))


def test_destroy_without_terminal_changes_nothing() -> None:
    def no_terminal(_: str) -> str:
        raise EOFError

    cdk = RecordingCdk()
    with pytest.raises(DeploymentFailed, match="Nothing was changed"):
        destroy("website", "example", run=cdk, ask=no_terminal)
    assert cdk.calls == []


def test_deploy_without_credentials_names_aws_profile() -> None:
    """As cdk ends without any; what it says itself is above."""
    with pytest.raises(DeploymentFailed, match="AWS_PROFILE"):
        deploy("website", "example", run=RecordingCdk(diff=1))


def test_destroy_requires_application_and_environment_names() -> None:
    cdk = RecordingCdk()
    with pytest.raises(DeploymentFailed, match="Nothing was changed"):
        destroy("website", "example", run=cdk, ask=lambda _: "website")
    assert cdk.calls == []
