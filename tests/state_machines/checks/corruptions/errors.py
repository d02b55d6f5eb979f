"""Corruptions of what a machine does about errors, and of its times."""

from __future__ import annotations

from tests.state_machines.checks.corruptions.sites import Asl, Site


def _catch(site: Site) -> Asl | None:
    catchers = site.state.get("Catch")
    return site.rng.choice(catchers) if catchers else None


def catch_removed(site: Site) -> bool:
    """Catch nothing."""
    return site.state.pop("Catch", None) is not None


def one_catcher_removed(site: Site) -> bool:
    """Remove one catcher of several."""
    catchers = site.state.get("Catch", ())
    if len(catchers) < 2:
        return False
    catchers.pop(site.rng.randrange(len(catchers)))
    return True


def catch_retargeted(site: Site) -> bool:
    """Continue elsewhere after an error."""
    catcher = _catch(site)
    others = [name for name in site.siblings if catcher and name not in (site.name, catcher["Next"])]
    if catcher is None or not others:
        return False
    catcher["Next"] = site.rng.choice(others)
    return True


def catch_narrowed(site: Site) -> bool:
    """Catch one error only."""
    catcher = _catch(site)
    if catcher is None:
        return False
    catcher["ErrorEquals"] = [catcher["ErrorEquals"][0]] if len(catcher["ErrorEquals"]) > 1 else ["Throttled"]
    return True


def one_caught_error_removed(site: Site) -> bool:
    """Leave out one error of a catcher."""
    catcher = _catch(site)
    if catcher is None or len(catcher["ErrorEquals"]) < 2:
        return False
    catcher["ErrorEquals"].pop(site.rng.randrange(len(catcher["ErrorEquals"])))
    return True


def catch_reversed(site: Site) -> bool:
    """Put the catcher for all errors first."""
    catchers = site.state.get("Catch", ())
    if len(catchers) < 2:
        return False
    catchers.reverse()
    return True


def catch_all_missed_first(site: Site) -> bool:
    """Take every error of a poll as a missed poll, also those that last."""
    catchers = site.state.get("Catch", ())
    if len(catchers) < 3:
        return False
    catchers[1:] = [catchers[2], catchers[1]]
    return True


def catch_all_missed_only(site: Site) -> bool:
    """Take every error of a poll but the unexpected ones as a missed poll."""
    catchers = site.state.get("Catch", ())
    if len(catchers) < 3:
        return False
    del catchers[1]
    return True


def catch_result_path_changed(site: Site) -> bool:
    """Write the error elsewhere."""
    catcher = _catch(site)
    if catcher is None or catcher["ResultPath"] == "$.unrecorded":
        return False
    catcher["ResultPath"] = "$.elsewhere" if catcher["ResultPath"] == "$" else "$"
    return True


def retry_removed(site: Site) -> bool:
    """Retry nothing."""
    return site.state.pop("Retry", None) is not None


def every_retry_removed(site: Site) -> bool:
    """Retry nothing in the whole machine."""
    found = False
    for state in site.machine["States"].values():
        found = state.pop("Retry", None) is not None or found
    return found


def retry_all_first(site: Site) -> bool:
    """Retry every error before the list of those that must not be retried applies."""
    retriers = site.state.get("Retry", ())
    if len(retriers) < 2:
        return False
    retriers.reverse()
    return True


def retry_list_removed(site: Site) -> bool:
    """Retry also what must not be retried."""
    retriers = site.state.get("Retry", ())
    if len(retriers) < 2:
        return False
    del retriers[0]
    return True


def retry_of_a_lasting_error(site: Site) -> bool:
    """Leave out one error of those that must not be retried."""
    retriers = site.state.get("Retry", ())
    if len(retriers) < 2:
        return False
    errors = retriers[0]["ErrorEquals"]
    errors.pop(site.rng.randrange(len(errors)))
    return True


def retry_attempts_zero(site: Site) -> bool:
    """Never retry."""
    for retrier in site.state.get("Retry", ()):
        retrier["MaxAttempts"] = 0
    return "Retry" in site.state


def retry_attempts_raised(site: Site) -> bool:
    """Retry for days."""
    for retrier in site.state.get("Retry", ()):
        retrier["MaxAttempts"] *= 1000
    return "Retry" in site.state


def retry_interval_zero(site: Site) -> bool:
    """Retry at once."""
    for retrier in site.state.get("Retry", ()):
        retrier["IntervalSeconds"] = 0
    return "Retry" in site.state


def retry_backoff_changed(site: Site) -> bool:
    """Retry without a growing interval."""
    for retrier in site.state.get("Retry", ()):
        retrier["BackoffRate"] = 1.0
    return "Retry" in site.state


def retry_narrowed(site: Site) -> bool:
    """Retry one error only."""
    for retrier in site.state.get("Retry", ()):
        retrier["ErrorEquals"] = retrier["ErrorEquals"][:1]
    return "Retry" in site.state


def retry_widened(site: Site) -> bool:
    """Retry an error that a retry can't help."""
    for retrier in site.state.get("Retry", ()):
        retrier["ErrorEquals"] = [*retrier["ErrorEquals"], "SafetyRuleBlocked"]
    return "Retry" in site.state


def task_timeout_tiny(site: Site) -> bool:
    """End a call after a second."""
    found = "TimeoutSeconds" in site.state
    site.state["TimeoutSeconds"] = 1 if found else 0
    return found


def task_timeout_huge(site: Site) -> bool:
    """Let a call run for a year."""
    if "TimeoutSeconds" not in site.state:
        return False
    site.state["TimeoutSeconds"] = 31_536_000
    return True


def task_timeout_dropped(site: Site) -> bool:
    """Let a call run for years."""
    return site.state.pop("TimeoutSeconds", None) is not None


def heartbeat_added(site: Site) -> bool:
    """Expect a heartbeat that no task sends."""
    if site.state["Type"] != "Task":
        return False
    site.state["HeartbeatSeconds"] = 5
    return True


def machine_timeout_tiny(site: Site) -> bool:
    """End the run early."""
    site.machine["TimeoutSeconds"] = 600 if site.machine["TimeoutSeconds"] != 600 else 300
    return True


def machine_timeout_huge(site: Site) -> bool:
    """Let the run take years."""
    site.machine["TimeoutSeconds"] = 94_608_000
    return True


ERRORS = (
    catch_removed,
    one_catcher_removed,
    catch_retargeted,
    catch_narrowed,
    one_caught_error_removed,
    catch_reversed,
    catch_all_missed_first,
    catch_all_missed_only,
    catch_result_path_changed,
    retry_removed,
    every_retry_removed,
    retry_all_first,
    retry_list_removed,
    retry_of_a_lasting_error,
    retry_attempts_zero,
    retry_attempts_raised,
    retry_interval_zero,
    retry_backoff_changed,
    retry_narrowed,
    retry_widened,
    task_timeout_tiny,
    task_timeout_huge,
    task_timeout_dropped,
    heartbeat_added,
    machine_timeout_tiny,
    machine_timeout_huge,
)
