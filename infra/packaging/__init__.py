"""The Lambda assets: the project's code as one archive, and what it imports as a layer. Built without Docker.

The same input gives the same bytes: files are sorted, stamped with one time and one mode, and hold no bytecode. Assets
lie in `build/lambda`, named by what they were made from, so that nothing is built twice.
`make measure` says their size, and how long a cold start imports.
"""

from leeward.infra.packaging.code_asset import build_code_archive
from leeward.infra.packaging.lambda_target import LAMBDA_TARGET, LambdaTarget
from leeward.infra.packaging.layer_asset import build_layer_archive

__all__ = ["LAMBDA_TARGET", "LambdaTarget", "build_code_archive", "build_layer_archive"]
