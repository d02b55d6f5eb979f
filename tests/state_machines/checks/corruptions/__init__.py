"""Ways to corrupt the text of a generated machine, for tests of the checks that must find them."""
