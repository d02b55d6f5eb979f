"""One trial per fault set: run and judge it, fork processes for it, skip equivalent ones, follow-up faults.

May import sweep.faults and runner.
"""
