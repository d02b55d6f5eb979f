"""The roles of tasks, operators, and guardrails."""
