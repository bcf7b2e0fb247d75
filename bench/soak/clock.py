"""A worker whose clock is wrong: `python -m bench.soak.clock SECONDS` works once, so many seconds from now."""

import os
import sys
from datetime import UTC, datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "closerlook.settings")

import django

django.setup()

from closerlook import worker  # noqa: E402

worker.once(datetime.now(UTC) + timedelta(seconds=float(sys.argv[1])))
