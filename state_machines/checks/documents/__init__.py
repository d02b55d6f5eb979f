"""What the documents say that a machine must do, for the checks that compare the two.

expected_steps   each step's ID, policy, calls, and undo
"""
