"""Django's door to the embedded PostgreSQL."""

import contextlib

from django.db import OperationalError, connections
from django.db.backends.postgresql import base, client

from yuanhang.postgres.bounded_waits import FrozenError
from yuanhang.postgres.cluster import PORT, SUPERUSER, program
from yuanhang.postgres.server import get_server

OUR_OPTIONS = ("data_dir", "durable", "account")


def server_of(settings_dict):
    """Return the server that these database settings speak of."""
    options = settings_dict["OPTIONS"]
    return get_server(**{name: options[name] for name in OUR_OPTIONS if name in options})


def hold_embedded():
    """Keep the embedded server, where there is one, until this process ends in good order.

    For a process that looks after others: they may be killed, and would leave it running.
    """
    for connection in connections.all():
        if isinstance(connection, DatabaseWrapper):
            # One that cannot start now is tried again by whoever asks it something.
            with contextlib.suppress(OperationalError):
                connection.server.hold()


class DatabaseClient(client.DatabaseClient):
    """`manage.py dbshell` with the psql that came with the server."""

    @classmethod
    def settings_to_cmd_args_env(cls, settings_dict, parameters):
        reachable = settings_dict | {
            "HOST": server_of(settings_dict).socket_dir(),
            "PORT": PORT,
            "USER": settings_dict.get("USER") or SUPERUSER,
        }
        arguments, environment = super().settings_to_cmd_args_env(reachable, parameters)
        arguments[0] = str(program(cls.executable_name))
        return arguments, environment

    def runshell(self, parameters):
        # Starts the server and makes the database; psql would do neither.
        self.connection.ensure_connection()
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL that is started when it is needed."""

    client_class = DatabaseClient

    def __init__(self, settings_dict, alias="default"):
        super().__init__(settings_dict, alias)
        # Only the configured database is made when missing: one that a test run has dropped
        # must stay dropped.
        self._own_name = settings_dict["NAME"]

    @property
    def server(self):
        return server_of(self.settings_dict)

    def get_connection_params(self):
        params = super().get_connection_params()
        for name in OUR_OPTIONS:
            params.pop(name, None)
        params |= {"host": self.server.socket_dir(), "port": PORT}
        params.setdefault("user", SUPERUSER)
        return params

    def get_new_connection(self, conn_params):
        self.server.hold()
        # Asked again: only a running server's socket is certain.
        params = conn_params | {"host": self.server.socket_dir()}
        try:
            return super().get_new_connection(params)
        except FrozenError:
            raise  # it is there, and starting it would wait for it
        except self.Database.OperationalError:
            # The server may have died, or this is the very first connection.
            self.server.revive()
            params["host"] = self.server.socket_dir()
            self._make_database(params)
            return super().get_new_connection(params)

    def _make_database(self, params):
        name = params.get("dbname")
        if not name or name != self._own_name:
            return
        connection = self.Database.connect(**params | {"dbname": "postgres"})
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                self._create_if_missing(cursor, name)
        finally:
            connection.close()

    def _create_if_missing(self, cursor, name):
        # An advisory lock, so that several first connections make it once.
        cursor.execute("SELECT pg_advisory_lock(hashtext('yuanhang.postgres'))")
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {self.ops.quote_name(name)}")
