"""What the deployed templates take from the documents: function events, alarms, and the permissions to verify.

Imports build and active_routing. The packages infra, cli, and rehearsal import it.
"""
