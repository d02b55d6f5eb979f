"""The synthesized CloudFormation stacks."""
