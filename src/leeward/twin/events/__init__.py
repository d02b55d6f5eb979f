"""CloudWatch alarms, EventBridge and its Scheduler, which moto leaves out, driven by synthesised templates.

    metrics      figures, and each period's statistic
    math         what an alarm stands on: a metric's statistic, or a sum of several
    alarms       one metric alarm's state from its figures; missing data as AWS treats it
    composite    a composite alarm's rule over other alarms' states
    shapes       the events as AWS words them: alarm state changes, DRS, the scheduler's own
    cloudwatch   all alarms of the account on virtual time, evaluated once a minute
    transformer  a target's input: the whole event, a constant, or an input transformer
    delivery     a target invoked, tried again, and given up to a dead-letter queue
    bus          rules: patterns matched, rules on a rate; events delivered
    scheduler    EventBridge Scheduler: time zones, flexible windows, retries
    feeds        what AWS itself would count: runs that fail, functions that raise, letters in a queue

Everything reads resources of `twin.templates` and the virtual clock. May import the engine and the templates.
"""
