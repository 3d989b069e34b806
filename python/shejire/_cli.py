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

    # what is closed would go to the first file that is opened, and answers with it
    for stream in range(3):
        try:
            os.fstat(stream)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    # Ctrl-C ends the program as it ends any other, where a command does not catch it itself
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    code = _shejire.main(["shejire", *sys.argv[1:]])
    if sys.stdout is not None:
        sys.stdout.flush()
    # nothing of Python's is left to be done: what it would take apart piece by piece the system takes as a whole
    os._exit(code)


if __name__ == "__main__":
    main()
