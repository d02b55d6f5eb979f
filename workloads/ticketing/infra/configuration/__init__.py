"""Names from the documents, and the functions' code archive and layer.

Imports leeward.infra.inputs and packaging.
"""
