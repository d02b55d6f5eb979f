"""Plans a run from the documents: its steps and their order, what they touch, how long they take, and what they cost.

The descriptor of a step kind has its assumed duration, and `measured_durations` has those from journals.
`step_estimates` adds them up, `costs` applies list prices, and `run_plan` combines the results. The functions are pure.
"""
