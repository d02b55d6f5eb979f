"""One call of a step's task: it journals the step, looks at AWS, and looks again while time remains.

May import the other folders of runtime.
"""
