"""The sample applications that the runbooks protect, one folder each. The twin and the tests import them."""
