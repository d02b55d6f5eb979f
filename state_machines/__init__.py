"""From YAML documents to Step Functions state machines: load, validate, compile, as separate stages.

    documents/, components/, steps/   the models; a step kind's rules and states live with its model
    load/                             text -> models, with a place for every problem (the only part that knows YAML)
    validate/                         documents held against each other
    compile/, asl/                    models -> Amazon States Language, as typed values
    tree.py                           the folder runbooks/ -> generated/ and schema/, and their drift
    generated/, schema/               committed, written by `python -m leeward.state_machines`

Imports no boto3, and nothing of Leeward's but `common`. The command line and the twin import it; the Lambdas do not.
"""
