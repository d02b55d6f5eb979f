"""CloudWatch alarms, EventBridge, and EventBridge Scheduler, read from synthesized templates. moto lacks them.

    alarms               metric alarms, composite alarms, and the data points that they evaluate
    cloudwatch_alarms    all alarms of the account, evaluated once a minute on virtual time
    delays               how late metrics, alarms, events, and schedules arrive
    eventbridge          rules, schedules, event documents, input transformers, and delivery with retries
    execution_metrics    the metrics that AWS counts for the account's own resources: failed executions, function
                         errors, messages in a queue
    event_services       connects all of them to one engine

May import the engine, interception, the templates, and aws.
"""
