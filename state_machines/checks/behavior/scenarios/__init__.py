"""What the tasks of a scenario return, and the scenarios that a machine is compared in.

scripted_results  the results and errors of tasks
error_classes     the errors that a machine or a document treats alike
scenario_list     the scenarios of one document
"""
