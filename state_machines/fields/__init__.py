"""Field types that documents share, and the on_failure policy.

The bottom of the document models; imports leeward.common and leeward.base.
"""
