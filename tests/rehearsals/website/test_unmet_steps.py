"""A step that fails while the run goes on is in the verdict, the evidence, and the report."""

from __future__ import annotations

from leeward.rehearsal.assessment.evidence_export import build_run_evidence
from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.runner.single_rehearsal import play_run
from leeward.report.drawing.value_format import describe_verdict
from tests.support.paths import REPOSITORY
from tests.support.website_session import broken_invariants, compile_website, replace_text, website_session

# The target's load balancer has no healthy servers in a drill, so it answers 503.
UNHEALTHY_CHECK = """
  - name: Check that us-west-2 serves
    kind: http.check
    from: target
    timeout: 1m
    on_failure: continue

  - name: Terminate the drill's servers
"""


def test_drill_with_failed_check_does_not_pass() -> None:
    drill = compile_website(replace_text("\n  - name: Terminate the drill's servers\n", UNHEALTHY_CHECK), name="drill")
    with website_session(ready=drill, failed_region=None) as stage:
        run, result = play_run(stage, drill, "drill", {})
        evidence = build_run_evidence(stage, run, result, REPOSITORY)
    assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
    assert (broken_invariants(result), result.rto.missed, result.rpo.missed) == ([], False, False)
    (unmet,) = result.unmet_steps
    assert (unmet.name, unmet.status) == ("Check that us-west-2 serves", "failed")
    assert "503" in unmet.detail
    assert not result.passed
    assert evidence is not None
    assert not evidence.passed
    assert [step.name for step in evidence.unmet_steps] == ["Check that us-west-2 serves"]
    verdict = describe_verdict(evidence)
    assert "succeeded, but not every step did: 'Check that us-west-2 serves' (passed over): " in verdict
    assert "503" in verdict
