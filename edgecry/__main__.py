"""`python -m edgecry`."""

import sys

from edgecry.cli import main

if __name__ == "__main__":
    sys.exit(main())
