"""Questions to operators, who may answer them, proof of who answers, and the figures an approver needs.

May import control.journal and control.run.
"""
