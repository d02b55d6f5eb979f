"""Native Recovery Plans of DRS: a plan's steps, and executions that start recovery jobs one step after the other.

    model, configuration     what is kept, and how a step is written
    state                    the Region's plans and executions, and the look-ups that the operations need
    running                  an execution under way: what happens over time
    views, *_operations      the API: answers and operations

What a step starts is a recovery job as StartRecovery makes it. `twin.aws.drs.backend` mixes the operations in; nothing
else imports this package.

Sources: the texts of botocore's model of `drs`. What they leave open is an assumption, and marked as one:
- a failed or timed-out step ends its execution as FAILED; retrying or skipping the step resumes it;
- a step starts one job for all its servers; an OPTIONAL server that fails does not fail its step;
- a retry starts only the servers that did not launch;
- a plan is not changed while it is executed; a server stands in a plan once; plans have different names.
"""
