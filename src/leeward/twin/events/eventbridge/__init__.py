"""Event documents, rules and bus, Scheduler, input transformers and delivery to targets with retries and dead-letter
queues; may import events.alarms, engine and templates.
"""
