"""Writes a project with the website in another size: its documents, its world, and its compiled state machines."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from leeward.state_machines.build import compile_tree
from tools.performance.configurations import Configuration

ROOT = Path(__file__).resolve().parents[2]
APPLICATION = "website"
_DATABASE = "database"


def write_project(root: Path, configuration: Configuration, runbook: str = "failover") -> None:
    """Write the project folder `root`. Only `runbook` is in it.

    With several groups, the first is the database, which the others need. Each group of web servers has a target group
    and a page of its own.
    """
    yaml = YAML()
    documents, workload = ROOT / "runbooks" / APPLICATION, ROOT / "workloads" / APPLICATION
    application = yaml.load((documents / "application.yaml").read_text("utf-8"))
    steps = yaml.load((documents / f"{runbook}.yaml").read_text("utf-8"))
    world = yaml.load((workload / "world.yaml").read_text("utf-8"))
    sizes = _group_sizes(configuration)
    _resize(application, world, sizes)
    targets = [name for name, component in application["components"].items() if "target_groups" in component]
    for step in steps["steps"]:
        if "groups" in step:
            step["groups"] = list(sizes)
        if "targets" in step:
            step["targets"] = targets
    for path, document in (
        (Path("runbooks", APPLICATION, "application.yaml"), application),
        (Path("runbooks", APPLICATION, f"{runbook}.yaml"), steps),
        (Path("workloads", APPLICATION, "world.yaml"), world),
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        with (root / path).open("w", encoding="utf-8") as file:
            yaml.dump(document, file)
    shutil.copytree(workload / "scenarios", root / "workloads" / APPLICATION / "scenarios")
    for path, text in compile_tree(root / "runbooks").items():
        machine = root / "state_machines" / "generated" / path
        machine.parent.mkdir(parents=True, exist_ok=True)
        machine.write_text(text, encoding="utf-8")


def _group_sizes(configuration: Configuration) -> dict[str, int]:
    """Return the number of servers of each group. The first groups have one more if the division has a remainder."""
    servers, groups = configuration
    webs = [f"web-{number:02}" for number in range(1, groups + 1)]
    names = webs if groups == 1 else [_DATABASE, *webs[:-1]]
    share, remainder = divmod(servers, groups)
    return {name: share + (number < remainder) for number, name in enumerate(names)}


def _resize(application: dict[str, Any], world: dict[str, Any], sizes: dict[str, int]) -> None:
    components = application["components"]
    target_group = components["home-targets"]
    settings = world["servers"]
    traffic, database, web = components["traffic"], settings[_DATABASE], settings["home-page"]
    components.clear()
    settings.clear()
    for number, (name, size) in enumerate(sizes.items(), start=1):
        tags = {"Application": APPLICATION, "Role": name}
        components[name] = {"kind": "drs.servers", "servers": {"tags": tags}, "expect": size}
        if name == _DATABASE:
            settings[name] = dict(database)
            continue
        page = "/" if name == "web-01" else f"/{name}"
        settings[name] = {**web, "pages": {page: "<h1>Home</h1>"}, "needs": []}
        if _DATABASE in sizes:
            components[name]["after"] = [_DATABASE]
            settings[name]["needs"] = [_DATABASE]
        components[f"targets-{name}"] = {
            "kind": "alb.target_group",
            "serves": name,
            "port": 80,
            "target_groups": {
                region: f"{arn.rpartition('/')[0].rpartition('/')[0]}/{name}/{number:016x}"
                for region, arn in target_group["target_groups"].items()
            },
        }
    components["traffic"] = traffic
    application["site"]["pages"] = [{"path": "/", "contains": "Home"}]
