"""Corruptions of where a run goes next."""

from __future__ import annotations

from tests.state_machines.checks.corruptions.sites import Asl, Site


def next_retargeted(site: Site) -> bool:
    """Continue at another state."""
    if "Next" not in site.state or not site.others:
        return False
    site.state["Next"] = site.rng.choice(site.others)
    return True


def next_swapped(site: Site) -> bool:
    """Exchange the next states of two states."""
    partners = [
        s
        for name, s in site.siblings.items()
        if name != site.name and s.get("Next", site.state.get("Next")) != site.state.get("Next")
    ]
    if "Next" not in site.state or not partners:
        return False
    other = site.rng.choice(partners)
    site.state["Next"], other["Next"] = other["Next"], site.state["Next"]
    return True


def next_skips_a_state(site: Site) -> bool:
    """Continue at what follows the next state."""
    after = site.siblings.get(site.state.get("Next", ""), {})
    if "Next" not in after or after["Next"] == site.state["Next"]:
        return False
    site.state["Next"] = after["Next"]
    return True


def next_becomes_end(site: Site) -> bool:
    """End where a state follows."""
    if "Next" not in site.state:
        return False
    del site.state["Next"]
    site.state["End"] = True
    return True


def default_dropped(site: Site) -> bool:
    """Leave a Choice state without a default."""
    return site.state.pop("Default", None) is not None


def default_retargeted(site: Site) -> bool:
    """Let the default lead to another state."""
    if "Default" not in site.state:
        return False
    site.state["Default"] = site.rng.choice([n for n in site.siblings if n not in (site.name, site.state["Default"])])
    return True


def choice_inverted(site: Site) -> bool:
    """Exchange a rule's state with the default's."""
    rules = [r for r in site.state.get("Choices", ()) if r["Next"] != site.state["Default"]]
    if not rules:
        return False
    rule = site.rng.choice(rules)
    rule["Next"], site.state["Default"] = site.state["Default"], rule["Next"]
    return True


def choice_retargeted(site: Site) -> bool:
    """Let a rule lead to another state."""
    if "Choices" not in site.state:
        return False
    rule = site.rng.choice(site.state["Choices"])
    rule["Next"] = site.rng.choice([n for n in site.siblings if n not in (site.name, rule["Next"])])
    return True


def choice_rule_removed(site: Site) -> bool:
    """Remove a rule."""
    rules = site.state.get("Choices", ())
    if not rules:
        return False
    rules.pop(site.rng.randrange(len(rules)))
    return True


def comparisons(rule: Asl) -> list[Asl]:
    inner = [*rule.get("And", ()), *rule.get("Or", ())]
    return [one for part in inner for one in comparisons(part)] if inner else [rule]


def comparison_value_changed(site: Site) -> bool:
    """Compare with another value."""
    parts = [p for rule in site.state.get("Choices", ()) for p in comparisons(rule)]
    if not parts:
        return False
    part = site.rng.choice(parts)
    name = next(key for key in part if key not in ("Variable", "Next"))
    value = part[name]
    part[name] = not value if isinstance(value, bool) else value * 2 if isinstance(value, int) else f"{value}-x"
    return True


def comparison_operator_changed(site: Site) -> bool:
    """Compare with another operator."""
    parts = [p for rule in site.state.get("Choices", ()) for p in comparisons(rule) if any("Than" in k for k in p)]
    if not parts:
        return False
    part = site.rng.choice(parts)
    name = next(key for key in part if "Than" in key)
    other = name.replace("Greater", "Less") if "Greater" in name else name.replace("Less", "Greater")
    part[other] = part.pop(name)
    return True


def comparison_variable_changed(site: Site) -> bool:
    """Compare another variable."""
    parts = [p for rule in site.state.get("Choices", ()) for p in comparisons(rule)]
    if not parts:
        return False
    part = site.rng.choice(parts)
    part["Variable"] += "x"
    return True


def and_becomes_or(site: Site) -> bool:
    """Let one part of an And be enough."""
    rules = [rule for rule in site.state.get("Choices", ()) if "And" in rule]
    if not rules:
        return False
    rule = site.rng.choice(rules)
    rule["Or"] = rule.pop("And")
    return True


def fail_becomes_success(site: Site) -> bool:
    """End successfully where the run fails."""
    if site.state["Type"] != "Fail":
        return False
    site.state.clear()
    site.state["Type"] = "Succeed"
    return True


def failed_end_becomes_success(site: Site) -> bool:
    """Go to the successful end where the run would fail its execution."""
    if (
        not str(site.state.get("Parameters", {}).get("FunctionName", "")).endswith("run-end")
        or site.machine["States"].get("Done") is None
        or site.state["Next"] == "Done"
    ):
        return False
    site.state["Next"] = "Done"
    return True


def start_moved(site: Site) -> bool:
    """Start the machine at a state behind the lock."""
    if site.name not in site.machine["States"] or site.state["Type"] != "Task" or site.machine["StartAt"] == site.name:
        return False
    site.machine["StartAt"] = site.name
    return True


def gate_passed_by(site: Site) -> bool:
    """Go from a finished poll loop to the next step, although the input skips it."""
    rules = site.state.get("Choices", ())
    gates = [rule for rule in rules if "skip?" in rule["Next"] and ".skip." in str(rule)]
    if not gates or site.name.endswith(": skip?"):
        return False
    rules.remove(gates[0])
    return True


def state_removed(site: Site) -> bool:
    """Remove a state, and let those before it continue at what follows it."""
    after = site.state.get("Next")
    if after is None or site.name == site.machine["StartAt"] or len(site.siblings) < 3:
        return False
    del site.siblings[site.name]
    for state in site.siblings.values():
        for holder in (state, *state.get("Choices", ()), *state.get("Catch", ())):
            for key in ("Next", "Default"):
                if holder.get(key) == site.name:
                    holder[key] = after
    return True


def wait_changed(site: Site) -> bool:
    """Wait for another time."""
    if site.state["Type"] != "Wait":
        return False
    site.state.pop("SecondsPath", None)
    site.state["Seconds"] = site.state.get("Seconds", 1) + 86400
    return True


FLOW = (
    next_retargeted,
    next_swapped,
    next_skips_a_state,
    next_becomes_end,
    default_dropped,
    default_retargeted,
    choice_inverted,
    choice_retargeted,
    choice_rule_removed,
    comparison_value_changed,
    comparison_operator_changed,
    comparison_variable_changed,
    and_becomes_or,
    fail_becomes_success,
    failed_end_becomes_success,
    start_moved,
    gate_passed_by,
    state_removed,
    wait_changed,
)
