"""Field types that documents share, and the on_failure policy.

The lowest layer of the document models. Imports leeward.common and leeward.base.
"""
