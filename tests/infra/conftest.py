"""The synthesised templates, made once: CDK's engine takes its time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

import pytest

from leeward.infra.synthesis.template_cache import synthesize

Template: TypeAlias = Mapping[str, Any]


@pytest.fixture(scope="session")
def website() -> dict[str, Template]:
    """Every template of the website in the example environment, by the name of its stack's construct."""
    return read("website")


@pytest.fixture(scope="session")
def ticketing() -> dict[str, Template]:
    """The same of the ticketing service."""
    return read("ticketing")


def read(application: str) -> dict[str, Template]:
    """By construct name, such as `leeward-website-engine-us-west-2`."""
    folder = synthesize(application, "example")
    return {p.name.removesuffix(".template.json"): json.loads(p.read_text()) for p in folder.glob("*.template.json")}
