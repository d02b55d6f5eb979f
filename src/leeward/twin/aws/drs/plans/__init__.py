"""Native Recovery Plans of DRS: a plan's steps, and executions that start recovery jobs one step after the other.

    plan_records, step_configuration    plans, their executions, and how a step is written
    plan_state                          the plans and executions of a Region, and their look-ups
    execution_runner                    an execution over time
    operations, plan_views              the API: operations and responses

A step starts a recovery job, as StartRecovery does. Only `drs_backend` imports this package.

Sources: the texts of botocore's model of `drs`. What they leave open is an assumption, and marked as one:
- a failed or timed-out step ends its execution as FAILED; retrying or skipping the step resumes it;
- a step starts one job for all its servers; an OPTIONAL server that fails does not fail its step;
- a retry starts only the servers that did not launch;
- a plan is not changed while it is executed; a server stands in a plan once; plans have different names.
"""
