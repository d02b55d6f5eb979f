"""What the deployed templates take from the documents: function events, alarms, and the permissions to verify.

Imports build and active_routing; infra, the CLI, and rehearsal import it.
"""
