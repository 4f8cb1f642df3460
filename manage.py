"""Django's command line for this project."""

import os
import sys


def main():
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuanhang.settings")
    # Only now: Django may not be installed, and the settings have to be named first.
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
