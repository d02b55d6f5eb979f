"""Bytecode of the Lambda assets, compiled by an interpreter of the functions' Python version."""

from leeward.infra.packaging.bytecode.compilation import compile_files
from leeward.infra.packaging.bytecode.interpreters import MISSING_INTERPRETER, find_interpreter

__all__ = ["MISSING_INTERPRETER", "compile_files", "find_interpreter"]
