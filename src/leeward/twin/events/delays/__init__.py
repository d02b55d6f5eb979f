"""How late metrics, alarms, events, and schedules arrive."""
