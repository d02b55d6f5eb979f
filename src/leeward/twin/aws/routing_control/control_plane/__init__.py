"""The route53-recovery-control-config API: backend, look-ups, safety-rule and tag operations.

May import routing_control.state.
"""
