"""`python -m pipeline` is the command `naba`."""

import sys

from pipeline.cli import main

sys.exit(main())
