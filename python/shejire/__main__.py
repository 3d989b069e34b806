"""``python -m shejire`` is the program ``shejire``."""

from shejire._cli import main

if __name__ == "__main__":
    main()
