"""One runbook of a sample application per step kind. Tests compile, plan, and rehearse each."""
