"""What can't be deployed, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from leeward.base.installation.project_folders import ProjectFolders
from leeward.infra.inputs import InvalidEnvironment, load_environment
from leeward.infra.inputs.deployment_plan import NotDeployable, load_plan
from leeward.state_machines.application.application_document import Application
from tests.support.paths import PROJECT

EXAMPLE = (PROJECT.environments / "example.yaml").read_text()


@pytest.fixture(scope="module")
def application() -> Application:
    return load_plan("website", "example").application


def environment(folder: Path, text: str, name: str = "test") -> Path:
    (folder / f"{name}.yaml").write_text(text.replace("environment: example", "environment: test"))
    return folder


def test_plan_has_only_runbooks_of_active_routing() -> None:
    names = {ready.runbook.runbook for ready in load_plan("ticketing", "example").runbooks}
    assert "failover" in names
    assert "failover-weighted" not in names


def test_plan_rejects_unknown_application() -> None:
    with pytest.raises(NotDeployable, match=r"no application web \(there are: ticketing, website\)"):
        load_plan("web", "example")


def test_plan_rejects_drifted_state_machine(tmp_path: Path) -> None:
    changed = ProjectFolders(tmp_path)
    changed.runbooks.symlink_to(PROJECT.runbooks)
    (changed.generated / "website").mkdir(parents=True)
    for path in (PROJECT.generated / "website").glob("*.asl.json"):
        (changed.generated / "website" / path.name).write_text(path.read_text().replace("Begin the run", "Begin"))
    with pytest.raises(NotDeployable, match="is not what the documents compile to: run `leeward compile`"):
        load_plan("website", "example", changed)


@pytest.mark.parametrize(
    ("changed", "output"),
    [
        (('account: "111122223333"', 'account: "444455556666"'), "the documents of website are for 111122223333"),
        (("log_days: 400", "log_days: 12"), "log_days"),
        (("mails: [on-call@example.com]", "mails: [on-call]"), "is not an email address; expected one such as"),
        (("mails:", "mail:"), "mails"),
        (("environment: test", "environment: other"), "the environment is called other, but its file test.yaml"),
    ],
)
def test_invalid_environment_is_rejected_with_place_and_fix(
    tmp_path: Path, application: Application, changed: tuple[str, str], output: str
) -> None:
    """Each refusal names the file, the line and the mend."""
    folder = environment(tmp_path, EXAMPLE)
    path = folder / "test.yaml"
    path.write_text(path.read_text().replace(*changed))
    with pytest.raises(InvalidEnvironment) as caught:
        load_environment("test", application, folder)
    assert output in str(caught.value)
    assert str(path) in str(caught.value)


def test_missing_environment_is_rejected(tmp_path: Path, application: Application) -> None:
    folder = environment(tmp_path, EXAMPLE)
    with pytest.raises(InvalidEnvironment, match="did you mean test"):
        load_environment("tset", application, folder)
