"""Forked tests: what they change stays in their process, and what they find is reported."""

from __future__ import annotations

import os

import pytest

from tests.support.forked_tests import run_forked


def test_forked_test_changes_nothing_here() -> None:
    seen: list[str] = []
    run_forked(lambda: seen.append("changed"))
    assert seen == []


def test_failure_is_raised_with_its_traceback() -> None:
    def fail() -> None:
        assert 1 == len("two"), "the reason"  # noqa: SIM300

    with pytest.raises(pytest.fail.Exception, match=r"(?s)in fail.*the reason"):
        run_forked(fail)


def test_skip_is_raised() -> None:
    with pytest.raises(pytest.skip.Exception, match="not here"):
        run_forked(lambda: pytest.skip("not here"))


def test_process_that_dies_fails_the_test() -> None:
    with pytest.raises(pytest.fail.Exception, match="ended with status 3 and reported nothing"):
        run_forked(lambda: os._exit(3))


@pytest.mark.forked
def test_marked_test_runs_in_another_process(parent: int) -> None:
    assert os.getppid() == parent


@pytest.fixture(scope="module")
def parent() -> int:
    return os.getpid()
