"""Mutation testing of the task logic: changes the code in one place at a time, and runs the tests that should notice.

`mutant_sample` draws the changes. `coverage_by_test` records once which tests run which lines. `mutant_runs` changes a
copy of the tree, and runs the tests of the changed lines, the fastest first.
"""
