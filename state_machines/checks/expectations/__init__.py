"""What the documents say that a machine must do, for the checks that compare the two. Imports nothing from checks.

expected_steps  each step's ID, policy, action, and undo
task_names      the tasks around the steps
"""
