"""A Django database engine that brings its own PostgreSQL.

The first connection of the first process starts the server, the last process out stops it.
No set-up, no port, no password: `make run` and every `manage.py` command simply work.

    DATABASES = {
        "default": {
            "ENGINE": "yuanhang.postgres",
            "NAME": "yuanhang",
            "OPTIONS": {"data_dir": VAR_DIR / "postgres"},
        }
    }

Options of our own, beside those of Django's PostgreSQL engine:

data_dir  where the data lives; `<data_dir>.run` and `<data_dir>.log` appear beside it
durable   False trades safety in a power cut for speed (throw-away test servers)
account   the system account the server runs as when we are root; default `nobody`,
          or the environment's YUANHANG_DB_ACCOUNT
"""
