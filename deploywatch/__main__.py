"""``python -m deploywatch``."""

from deploywatch.cli.main import main

if __name__ == "__main__":
    main()
