"""What all step kinds share: the base of their models, what a step does, and how a step's descriptor is used.

    step_model     the base of all step models
    step_effects   what a step does, with its groups and Regions
    any_step       a step of any kind, as pydantic type: each kind's model loads when a document uses it
    plan_values    what a step kind tells the plan of a run
    step_behavior  checks, compiles, undoes, and plans a step, with the functions that its descriptor names

The step kinds themselves are in `state_machines.steps`, which imports this package. This package loads them by the
import paths in `leeward.kinds`.
"""
