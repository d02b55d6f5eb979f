"""What every other folder may use and what uses none of them: named errors, durations, ARNs, polling, AWS clients.

Anything may import `common`; `common` imports nothing of Leeward's.
"""
