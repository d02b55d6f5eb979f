"""The calls of a task: their time, and polls that have several parts."""
