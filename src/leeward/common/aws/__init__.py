"""AWS clients with translated errors, strictly parsed AWS responses, and the DynamoDB state table.

May import leeward.common and leeward.base; state_machines must not import it.
"""
