"""Compiles YAML documents to Step Functions state machines. Loading, validating, and compiling are separate.

    application/, runbook/, components/, fields/  pydantic models of the documents
    steps/                  one module per step kind: its model, rules, and states
    load/, diagnostics/     text -> models, with the position of every problem (the only part that knows YAML)
    validate/, rules/       checks across documents
    compile/, fragments/    models -> Amazon States Language
    asl/                    Amazon States Language as typed values
    analysis/, checks/      what is known about a compiled machine without running it
    planning/, deployment/  estimates of a run, and what a deployment needs from the documents
    build.py                runbooks/ -> generated/ and schema/, and their drift
    generated/, schema/     committed files, written by `python -m leeward.state_machines`

Imports no boto3. The command line and the twin import it. The Lambda functions do not.
"""
