"""The program ``shejire``: the extension's own command line."""

from __future__ import annotations

import os
import sys
TYPE_CHECKING = False  # what typing imports is not worth its time to a program
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Runs the command line and ends the process with its exit code."""
    import signal

    from shejire import _shejire

    # Ctrl-C ends the program as it ends any other, where a command does not catch it itself
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    code = _shejire.main(["shejire", *sys.argv[1:]])
    sys.stdout.flush()
    # nothing of Python's is left to be done: what it would take apart piece by piece the system takes as a whole
    os._exit(code)


if __name__ == "__main__":
    main()
