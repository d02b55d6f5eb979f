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
    groups = [group for wave in _parameters(site).get("waves", ()) for group in wave]
    groups += [target["group"] for target in _parameters(site).get("targets", ())]
    if len(groups) < 2:
        return False
    changed, other = site.rng.sample(groups, 2)
    changed["name"] = other["name"]
    return True


def waves_swapped(site: Site) -> bool:
    """Launch the waves in another order."""
    waves = _parameters(site).get("waves", ())
    if len(waves) < 2:
        return False
    waves.reverse()
    return True


def group_left_out(site: Site) -> bool:
    """Launch or register one group less."""
    lists = [*_parameters(site).get("waves", ()), _parameters(site).get("targets", [])]
    lists = [one for one in lists if one]
    if not lists:
        return False
    chosen = site.rng.choice(lists)
    chosen.pop(site.rng.randrange(len(chosen)))
    return True


def head_dropped(site: Site) -> bool:
    """Don't pass the head of the run's journal on."""
    return _payload(site).pop("head.$", None) is not None


def kept_head_dropped(site: Site) -> bool:
    """Forget the head of the journal when a task or a missed poll writes its result."""
    kept = site.state.get("ResultSelector") or site.state.get("Parameters") or {}
    look = kept.get("look") if isinstance(kept.get("look"), dict) else kept
    return site.state["Type"] in ("Task", "Pass") and look.pop("head.$", None) is not None


def memo_dropped(site: Site) -> bool:
    """Don't pass the memo of the last poll to the next one."""
    return _payload(site).get("poll", {}).pop("memo.$", None) is not None


def waited_seconds_dropped(site: Site) -> bool:
    """Don't tell a poll how long the step has waited."""
    return _payload(site).get("poll", {}).pop("waited_seconds.$", None) is not None


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
    """Record a failed run as a success, or a success as a failure."""
    flip = {"failed": "succeeded", "succeeded": "failed"}
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
    if not selector:
        return False
    del selector[site.rng.choice(list(selector))]
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


def pass_becomes_parallel(site: Site) -> bool:
    """Run the state in a branch of a Parallel state."""
    if site.state["Type"] != "Pass" or "Next" not in site.state:
        return False
    inner = {**site.state, "End": True}
    del inner["Next"]
    branch = {"StartAt": f"{site.name} (inner)", "States": {f"{site.name} (inner)": inner}}
    following = site.state["Next"]
    site.state.clear()
    site.state.update({"Type": "Parallel", "Branches": [branch], "Next": following})
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
    waves_swapped,
    group_left_out,
    head_dropped,
    kept_head_dropped,
    memo_dropped,
    waited_seconds_dropped,
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
    pass_becomes_parallel,
    intrinsic_changed,
    fail_reason_changed,
)
