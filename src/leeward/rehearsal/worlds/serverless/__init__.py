"""The serverless part of a world: a workload's functions, tables, APIs, and user pools, and the workload protocol."""
