"""``python -m schemadiff``."""

import sys

from schemadiff.cli import main

if __name__ == "__main__":
    sys.exit(main())
