"""What all component kinds share: the base of their models, a component of any kind, and what a component costs.

The kinds themselves are in `state_machines.components`, which imports this package. This package loads them by the
import paths in `leeward.kinds`.
"""
