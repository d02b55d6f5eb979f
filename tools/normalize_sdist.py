"""Rewrite an sdist so that the same files give the same bytes: setuptools stamps it with times and owners.

python tools/normalize_sdist.py dist/leeward-0.2.0.tar.gz --time 1700000000
"""

from __future__ import annotations

import argparse
import gzip
import io
import sys
import tarfile
from pathlib import Path


def main() -> int:
    """Rewrite each archive in place."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, nargs="+")
    parser.add_argument("--time", type=int, required=True, help="Seconds since 1970 for every file.")
    arguments = parser.parse_args()
    for path in arguments.archive:
        path.write_bytes(normalized(path, arguments.time))
    return 0


def normalized(path: Path, time: int) -> bytes:
    """Return the archive with sorted members, one time, and no owner."""
    plain = io.BytesIO()
    with tarfile.open(path) as source, tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as target:
        for member in sorted(source.getmembers(), key=lambda member: member.name):
            content = source.extractfile(member) if member.isfile() else None
            member.mtime, member.uid, member.gid, member.uname, member.gname = time, 0, 0, "", ""
            member.pax_headers = {}
            target.addfile(member, content)
    return gzip.compress(plain.getvalue(), mtime=time)


if __name__ == "__main__":
    sys.exit(main())
