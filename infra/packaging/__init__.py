"""The Lambda assets: the project's code as an archive, and its dependencies as a layer. Built without Docker.

Equal input gives equal bytes: files are sorted, and have one fixed time and mode. If this machine has the functions'
version of Python, the assets also have the bytecode that it compiles. Assets are stored under names derived from their
input, so nothing is built twice. `make measure` prints their sizes and import times.
"""

from leeward.infra.packaging.code_asset import build_code_archive
from leeward.infra.packaging.lambda_target import LAMBDA_TARGET, LambdaTarget
from leeward.infra.packaging.layer_asset import build_layer_archive

__all__ = ["LAMBDA_TARGET", "LambdaTarget", "build_code_archive", "build_layer_archive"]
