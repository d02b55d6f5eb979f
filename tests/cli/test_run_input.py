"""`--input`: what a run accepts, merged with the options that stand for its members."""

from __future__ import annotations

import pytest

from leeward.cli.arguments.run_input import build_run_input
from leeward.cli.errors.cli_error import CliError


def parse(text: str | None, *, reason: str | None = None, accept_data_loss: bool = False) -> dict[str, object]:
    return build_run_input(text, reason=reason, accept_data_loss=accept_data_loss)


def rejection(text: str) -> str:
    with pytest.raises(CliError) as trouble:
        parse(text)
    return "\n".join([str(trouble.value), *trouble.value.hints])


def test_no_options_give_empty_input() -> None:
    assert parse(None) == {}
    assert parse("{}") == {}


def test_options_override_json() -> None:
    merged = parse('{"approve": true, "reason": "from the JSON"}', reason="from the option", accept_data_loss=True)
    assert merged == {"approve": True, "reason": "from the option", "accept_data_loss": True}


def test_unset_option_keeps_json_value() -> None:
    assert parse('{"accept_data_loss": true}') == {"accept_data_loss": True}


def test_invalid_json_error_shows_position_and_example() -> None:
    output = rejection('{"approve": yes}')
    assert "not JSON" in output
    assert "line 1, column 13" in output
    assert "For example" in output


@pytest.mark.parametrize(("text", "kind"), [("[]", "a list"), ("null", "null"), ("3", "a number"), ('"x"', "a string")])
def test_non_object_json_is_rejected(text: str, kind: str) -> None:
    assert f"must be a JSON object, not {kind}" in rejection(text)


def test_unknown_key_gets_suggestion_and_list() -> None:
    output = rejection('{"aprove": true}')
    assert "'aprove'" in output
    assert "did you mean 'approve'?" in output
    assert "point_in_time" in output


def test_wrong_type_error_names_expected_type() -> None:
    assert "--input: approve: " in rejection('{"approve": "yes"}')
    assert "boolean" in rejection('{"approve": "yes"}')
    assert "--input: reason: " in rejection('{"reason": true}')


def test_time_requires_zone_and_may_be_in_future() -> None:
    assert "the time needs a zone" in rejection('{"incident_at": "2026-03-01T09:00:00"}')
    assert parse('{"incident_at": "2099-03-01T09:00:00Z"}')


def test_deeply_nested_json_is_rejected_without_traceback() -> None:
    assert "--input" in rejection("[" * 100_000)
