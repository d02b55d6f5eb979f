"""Which AWS services a run needs in which Regions, as the outages of each of them on the twin show.

Imports no other folder of `evidence`. `rehearsal.dependencies` computes the tables, and `report` and `cli` show them.
"""
