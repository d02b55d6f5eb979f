"""Corruptions of what a machine passes to functions, and of where their results go."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.state_machines.checks.corruptions.sites import Site, leaves, put


def _payload(site: Site) -> dict[str, Any]:
    payload = site.state.get("Parameters", {}).get("Payload", {})
    return payload if isinstance(payload, dict) else {}


def _parameters(site: Site) -> dict[str, Any]:
    parameters = _payload(site).get("parameters", {})
    return parameters if isinstance(parameters, dict) else {}


def _change_leaf(site: Site, value: Any, choose: Any, change: Any) -> bool:
    places = [(place, leaf) for place, leaf in leaves(value) if place and choose(place, leaf)]
    if not places:
        return False
    place, leaf = site.rng.choice(places)
    put(value, place, change(leaf))
    return True


def parameter_changed(site: Site) -> bool:
    """Pass another constant."""

    def change(leaf: Any) -> Any:
        if isinstance(leaf, bool):
            return not leaf
        return leaf + 1 if isinstance(leaf, int | float) else f"{leaf}x" if isinstance(leaf, str) else "none"

    return _change_leaf(site, _parameters(site), lambda place, _: not str(place[-1]).endswith(".$"), change)


def parameter_dropped(site: Site) -> bool:
    """Leave out a parameter."""
    parameters = _parameters(site)
    if not parameters:
        return False
    del parameters[site.rng.choice(list(parameters))]
    return True


def region_changed(site: Site) -> bool:
    """Act in another Region."""
    return _change_leaf(
        site, _parameters(site), lambda place, leaf: str(place[-1]).endswith("region"), lambda _: "eu-north-1"
    )


def regions_swapped(site: Site) -> bool:
    """Act in the run's other Region."""
    parameters = _parameters(site)
    if "region" not in parameters or "other_region" not in parameters:
        return False
    parameters["region"], parameters["other_region"] = parameters["other_region"], parameters["region"]
    return True


def on_and_off_swapped(site: Site) -> bool:
    """Turn off what should be on."""
    parameters = _parameters(site)
    if "turn_on" not in parameters:
        return False
    parameters["turn_on"], parameters["turn_off"] = parameters["turn_off"], parameters["turn_on"]
    return True


def drill_flag_flipped(site: Site) -> bool:
    """Drill in a recovery, or recover in a drill."""
    return _change_leaf(site, _parameters(site), lambda place, leaf: place[-1] == "is_drill", lambda leaf: not leaf)


def account_changed(site: Site) -> bool:
    """Name a resource of another account."""
    return _change_leaf(
        site,
        site.state.get("Parameters", {}),
        lambda _, leaf: isinstance(leaf, str) and re.search(r":\d{12}:", leaf) is not None,
        lambda leaf: re.sub(r":\d{12}:", ":999988887777:", leaf),
    )


def other_group(site: Site) -> bool:
    """Act on another group's servers."""
    group = _parameters(site).get("group")
    names = {g["name"] for g in _groups(site.machine)} - {(group or {}).get("name")}
    if group is None or not names:
        return False
    group["name"] = site.rng.choice(sorted(names))
    return True


def _groups(value: Any) -> list[dict[str, Any]]:
    found = re.findall(r'"group": \{"name": "([^"]+)"', json.dumps(value))
    return [{"name": name} for name in found]


def function_misspelt(site: Site) -> bool:
    """Call a function that doesn't exist."""
    parameters = site.state.get("Parameters", {})
    if "FunctionName" not in parameters:
        return False
    parameters["FunctionName"] += "s"
    return True


def function_of_other_task(site: Site) -> bool:
    """Call another function."""
    parameters = site.state.get("Parameters", {})
    if "FunctionName" not in parameters:
        return False
    names = sorted(
        set(re.findall(r'"FunctionName": "([^"]+)"', json.dumps(site.machine))) - {parameters["FunctionName"]}
    )
    parameters["FunctionName"] = site.rng.choice([*names, "leeward-notify-all"])
    return True


def function_of_other_region(site: Site) -> bool:
    """Call the function of another Region."""
    parameters = site.state.get("Parameters", {})
    if "FunctionName" not in parameters:
        return False
    parameters["FunctionName"] = f"arn:aws:lambda:eu-north-1:111122223333:function:{parameters['FunctionName']}"
    return True


def token_suffix_dropped(site: Site) -> bool:
    """Don't wait for the answer."""
    resource = str(site.state.get("Resource", ""))
    site.state["Resource"] = resource.removesuffix(".waitForTaskToken")
    return resource.endswith(".waitForTaskToken")


def resource_changed(site: Site) -> bool:
    """Start the function without waiting for its result."""
    if "Resource" not in site.state:
        return False
    site.state["Resource"] = "arn:aws:states:::aws-sdk:lambda:invokeAsync"
    return True


def context_path_changed(site: Site) -> bool:
    """Read another member of the Context Object."""
    return _change_leaf(
        site,
        site.state.get("Parameters", {}),
        lambda place, leaf: str(leaf).startswith("$$."),
        lambda leaf: "$$.State.Name" if leaf != "$$.Execution.Id" else "$$.Execution.Name",
    )


def data_path_changed(site: Site) -> bool:
    """Read another member of the state's data."""
    return _change_leaf(
        site,
        site.state.get("Parameters", {}),
        lambda place, leaf: str(place[-1]).endswith(".$") and str(leaf).startswith("$."),
        lambda leaf: f"{leaf}x",
    )


def poll_setting_changed(site: Site) -> bool:
    """Poll at other times."""
    poll = _payload(site).get("poll", {})
    if not poll:
        return False
    poll[site.rng.choice([name for name in poll if not name.endswith(".$")])] *= 3
    return True


def step_identity_changed(site: Site) -> bool:
    """Report as another step."""
    return _change_leaf(
        site, _payload(site).get("step", {}), lambda place, _: place[-1] in ("id", "kind"), lambda leaf: f"{leaf}_2"
    )


def undo_flag_dropped(site: Site) -> bool:
    """Undo as if it were the step itself."""
    return _payload(site).get("step", {}).pop("undo", None) is not None


def lock_flag_flipped(site: Site) -> bool:
    """Release the lock that must be kept, or keep it."""
    return _change_leaf(site, _parameters(site), lambda place, _: place[-1] == "keep_lock", lambda leaf: not leaf)


def outcome_changed(site: Site) -> bool:
    """Record a failed run as a success, or a lane's failure as done."""
    flip = {"failed": "succeeded", "succeeded": "failed", "unforeseen": "done"}
    return _change_leaf(
        site,
        site.state.get("Parameters", {}),
        lambda place, leaf: place[-1] == "outcome" and leaf in flip,
        flip.__getitem__,
    )


def result_path_dropped(site: Site) -> bool:
    """Let the result replace all data."""
    return "ResultPath" in site.state and site.state.pop("ResultPath") != "$"


def result_discarded(site: Site) -> bool:
    """Discard a result that later states read."""
    if site.state.get("ResultPath") is None or site.state["ResultPath"] in ("$.unrecorded", "$.left"):
        return False
    site.state["ResultPath"] = None
    return True


def result_path_changed(site: Site) -> bool:
    """Write a result where no state reads it."""
    if site.state.get("ResultPath") is None:
        return False
    site.state["ResultPath"] += "_lost"
    return True


def result_selector_dropped(site: Site) -> bool:
    """Take the whole response as the result."""
    return site.state.pop("ResultSelector", None) is not None


def result_selector_member_dropped(site: Site) -> bool:
    """Leave out a member of the result that later states read."""
    selector = site.state.get("ResultSelector")
    names = [name for name in selector or () if name not in ("lanes.$",)]
    if not names:
        return False
    del selector[site.rng.choice(names)]
    return True


def input_path_added(site: Site) -> bool:
    """Hide the data from the state."""
    if site.state["Type"] in ("Fail",):
        return False
    site.state["InputPath"] = "$.run"
    return True


def output_path_added(site: Site) -> bool:
    """Pass a part of the data on."""
    if site.state["Type"] in ("Fail", "Succeed"):
        return False
    site.state["OutputPath"] = "$.run"
    return True


def parallel_becomes_map(site: Site) -> bool:
    """Iterate where branches run in parallel."""
    if "Branches" not in site.state:
        return False
    branch = site.state.pop("Branches")[0]
    site.state.update({"Type": "Map", "ItemsPath": "$.groups", "ItemProcessor": branch})
    return True


def intrinsic_changed(site: Site) -> bool:
    """Call another intrinsic function, or with another number."""
    return _change_leaf(
        site,
        site.state.get("Parameters", {}),
        lambda place, leaf: "States.MathAdd" in str(leaf) or "States.StringToJson" in str(leaf),
        lambda leaf: leaf.replace(", 1)", ", 0)").replace("StringToJson", "JsonToString"),
    )


def fail_reason_changed(site: Site) -> bool:
    """Fail with another error."""
    if site.state["Type"] != "Fail":
        return False
    site.state.pop("ErrorPath", None)
    site.state["Error"] = "Unknown"
    return True


CONTENTS = (
    parameter_changed,
    parameter_dropped,
    region_changed,
    regions_swapped,
    on_and_off_swapped,
    drill_flag_flipped,
    account_changed,
    other_group,
    function_misspelt,
    function_of_other_task,
    function_of_other_region,
    token_suffix_dropped,
    resource_changed,
    context_path_changed,
    data_path_changed,
    poll_setting_changed,
    step_identity_changed,
    undo_flag_dropped,
    lock_flag_flipped,
    outcome_changed,
    result_path_dropped,
    result_discarded,
    result_path_changed,
    result_selector_dropped,
    result_selector_member_dropped,
    input_path_added,
    output_path_added,
    parallel_becomes_map,
    intrinsic_changed,
    fail_reason_changed,
)
