"""The injection of a trial's faults into its run.

- `injector` injects the faults, and records the points at which faults are possible.
- `operator_faults` changes the answers of the simulated operator.
- `fault_effects` records which faults changed something, and why others didn't.

May import session and sweep.faults.
"""
