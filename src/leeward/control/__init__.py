"""The run itself: what it was asked to do, its lock, journal, questions, messages and truthful end.

Knows nothing of DRS, of traffic, of Step Functions or of the twin; uses `common` alone. Imported by `lambdas`.
"""
