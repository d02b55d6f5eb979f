"""Nothing is changed before its difference was shown and a person said yes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from leeward.infra.deployment import DeploymentFailed, deploy, destroy, list_stacks
from leeward.infra.synthesis.template_cache import synthesize


class Cdk:
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


def test_the_difference_is_shown_then_a_person_is_asked_then_it_is_deployed() -> None:
    cdk, asked = Cdk(), []

    def ask(question: str) -> str:
        asked.append(question)
        assert cdk.verbs == ["diff"]
        return "example"

    deploy("website", "example", run=cdk, ask=ask)
    assert cdk.verbs == ["diff", "deploy"]
    (question,) = asked
    assert "account 111122223333" in question
    assert "eu-west-1, us-east-1, us-west-2" in question


def test_some_of_the_stacks_by_name() -> None:
    cdk = Cdk()
    deploy("website", "example", stack_patterns=["leeward-website-workload-*"], run=cdk, ask=lambda _: "example")
    for call in cdk.calls:
        assert [part for part in call if part.startswith("leeward-")] == [
            "leeward-website-workload-us-east-1",
            "leeward-website-workload-us-west-2",
        ]


def test_a_name_that_no_stack_has() -> None:
    with pytest.raises(DeploymentFailed, match="no stack is called leeward-web"):
        deploy("website", "example", stack_patterns=["leeward-web"], run=Cdk())


@pytest.mark.parametrize("answer", ["", "y", "yes", "website"])
def test_anything_but_the_environments_name_is_no(answer: str) -> None:
    cdk = Cdk()
    with pytest.raises(DeploymentFailed, match="nothing was changed"):
        deploy("website", "example", run=cdk, ask=lambda _: answer)
    assert cdk.verbs == ["diff"]


def test_without_a_difference_to_show_nothing_is_deployed() -> None:
    cdk = Cdk(diff=1)
    with pytest.raises(DeploymentFailed, match="nothing was deployed"):
        deploy("website", "example", yes=True, run=cdk)
    assert cdk.verbs == ["diff"]


def test_a_deployment_that_stops_half_way_says_so() -> None:
    with pytest.raises(DeploymentFailed, match="Deploying again goes on from there"):
        deploy("website", "example", yes=True, run=Cdk(deploy=1))


def test_the_journal_is_never_destroyed() -> None:
    cdk = Cdk()
    destroy("website", "example", run=cdk, ask=lambda _: "website example")
    (call,) = cdk.calls
    assert "--exclusively" in call  # cdk would destroy what depends on them too, which the journal does
    named = [stack.name for stack in list_stacks(synthesize("website", "example"))]
    assert set(named) - set(call) == {"leeward-website-journal"}


def test_what_is_deployed_is_exactly_what_was_shown() -> None:
    cdk = Cdk()
    deploy("website", "example", stack_patterns=["leeward-website-journal"], yes=True, run=cdk)
    assert all("--exclusively" in call for call in cdk.calls)


def test_where_nobody_can_be_asked_nothing_is_changed() -> None:
    def nobody(_: str) -> str:
        raise EOFError

    cdk = Cdk()
    with pytest.raises(DeploymentFailed, match="nothing was changed"):
        destroy("website", "example", run=cdk, ask=nobody)
    assert cdk.calls == []


def test_without_credentials_it_says_where_they_are_looked_for() -> None:
    """As cdk ends without any; what it says itself is above."""
    with pytest.raises(DeploymentFailed, match="AWS_PROFILE"):
        deploy("website", "example", run=Cdk(diff=1))


def test_destroying_needs_both_names() -> None:
    cdk = Cdk()
    with pytest.raises(DeploymentFailed, match="nothing was changed"):
        destroy("website", "example", run=cdk, ask=lambda _: "website")
    assert cdk.calls == []
