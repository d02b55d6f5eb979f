"""The permission declarations: one module per Lambda task, named after the task, with a function `permissions`.

Imports only `grants`. `task_declarations` finds the modules, so there is no list of them.
"""
