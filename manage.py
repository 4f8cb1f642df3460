"""Django's command line for this project."""

import os
import sys


def main():
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuanhang.settings")
    if sys.argv[1:2] == ["quickstart"]:
        # It stays and only looks after others; Django would load the whole product first.
        from yuanhang.run import quickstart  # noqa: PLC0415

        quickstart.main(sys.argv[2:])
        return
    # Only now: Django may not be installed, and the settings have to be named first.
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
