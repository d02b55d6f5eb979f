"""Native Recovery Plans of DRS: plans, steps, and executions that run one step after another.

    plan_records, step_configuration    plans, executions, and step configurations
    plan_state                          the plans and executions of a Region, and their lookups
    execution_runner                    runs an execution over virtual time
    operations, plan_views              the API: operations and responses

A step starts a recovery job, as StartRecovery does. Only `drs_backend` imports this package.

Source: the documentation in botocore's model of `drs`. It doesn't specify the following behavior, which is an
assumption:

- A failed or timed-out step ends its execution as FAILED. Retrying or skipping the step resumes the execution.
- A step starts one job for all its servers. An OPTIONAL server that fails doesn't fail its step.
- A retry launches only the servers that did not launch.
- A plan can't change during an execution. A server can appear only once in a plan. Plan names are unique.
"""
