"""Entry point of ``python -m contraflow.tokenize``."""

import sys

from contraflow.tokenize.command import main

# Processes that encode import this module under another name.
if __name__ == "__main__":
    sys.exit(main())
