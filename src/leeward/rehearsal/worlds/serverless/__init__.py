"""The serverless part of a world: functions, tables, APIs and user pools of a workload, and the protocol that a
workload implements.
"""
