"""`--input`: what a run accepts, merged with the options that stand for its members."""

from __future__ import annotations

import pytest

from leeward.cli.arguments.run_input import build_run_input
from leeward.cli.errors.cli_error import CliError


def given(text: str | None, *, reason: str | None = None, accept_data_loss: bool = False) -> dict[str, object]:
    return build_run_input(text, reason=reason, accept_data_loss=accept_data_loss)


def refused(text: str) -> str:
    with pytest.raises(CliError) as trouble:
        given(text)
    return "\n".join([str(trouble.value), *trouble.value.hints])


def test_nothing_given_is_an_empty_input() -> None:
    assert given(None) == {}
    assert given("{}") == {}


def test_options_are_laid_over_the_json() -> None:
    merged = given('{"approve": true, "reason": "from the JSON"}', reason="from the option", accept_data_loss=True)
    assert merged == {"approve": True, "reason": "from the option", "accept_data_loss": True}


def test_an_option_that_is_not_given_leaves_the_json_alone() -> None:
    assert given('{"accept_data_loss": true}') == {"accept_data_loss": True}


def test_broken_json_says_where_and_gives_an_example() -> None:
    told = refused('{"approve": yes}')
    assert "not JSON" in told
    assert "line 1, column 13" in told
    assert "For example" in told


@pytest.mark.parametrize(("text", "kind"), [("[]", "a list"), ("null", "null"), ("3", "a number"), ('"x"', "a string")])
def test_json_that_is_no_object_is_refused(text: str, kind: str) -> None:
    assert f"must be a JSON object, not {kind}" in refused(text)


def test_an_unknown_member_names_the_nearest_and_lists_all() -> None:
    told = refused('{"aprove": true}')
    assert "'aprove'" in told
    assert "did you mean 'approve'?" in told
    assert "point_in_time" in told


def test_a_member_of_the_wrong_type_says_what_it_must_be() -> None:
    assert "--input: approve: " in refused('{"approve": "yes"}')
    assert "boolean" in refused('{"approve": "yes"}')
    assert "--input: reason: " in refused('{"reason": true}')


def test_a_time_must_have_its_zone_but_may_be_in_the_twins_future() -> None:
    assert "the time needs a zone" in refused('{"incident_at": "2026-03-01T09:00:00"}')
    assert given('{"incident_at": "2099-03-01T09:00:00Z"}')


def test_json_nested_without_end_is_refused_in_words() -> None:
    assert "--input" in refused("[" * 100_000)
