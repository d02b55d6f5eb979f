"""Compiles validated documents to a state machine.

`runbook_compiler.py` puts the parts together: a frame that begins the run and records its end (`run_frame.py`), one
fragment per step (from the step kind's module in `state_machines.steps`), what follows each step's failure
(`failure_handling.py`), resuming after a redrive (`redrive.py`), and rollback (`undo_chain.py`). Step modules build
their fragments from `state_machines.fragments`.
"""
