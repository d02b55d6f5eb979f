"""The results of many rehearsals that differ only in their seeds ("draws"), and the percentiles of their figures.

Imports no other folder of `evidence`. `rehearsal.draws` measures them, and `report` and `cli` show them.
"""
