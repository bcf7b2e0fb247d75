"""The page that describes the loops comes from the code."""

import subprocess
import sys


def test_the_loop_table_is_what_the_code_says() -> None:
    done = subprocess.run([sys.executable, "scripts/reference_pages.py", "--check"], check=False)
    assert done.returncode == 0, "run: python scripts/reference_pages.py"
