"""EventBridge: event documents, rules, the bus, Scheduler, input transformers, and delivery to targets with retries.

May import events.alarms, engine, and templates.
"""
