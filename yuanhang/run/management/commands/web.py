"""Runs the web server: processes that share one socket, and what they have loaded."""

import contextlib
import ctypes
import gc
import os
from functools import partial

from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.urls import get_resolver
from django.utils.module_loading import import_string

from yuanhang.environment import env_int
from yuanhang.postgres.base import hold_embedded
from yuanhang.run import web_server
from yuanhang.run.forked import ForkedService
from yuanhang.run.lan import address
from yuanhang.run.supervisor import ServiceFailedError, StopSignals, Supervisor

WSGI_APPLICATION = "yuanhang.wsgi.application"
# Shorter than the patience of whoever started us, longer than a process's own.
STOP_SECONDS = 8
M_ARENA_MAX = -8  # of glibc's malloc.h


class Command(BaseCommand):
    """Answer at HOST and PORT with a process for each core (WEB_PROCESSES, WEB_THREADS)."""

    help = "Runs the web server at HOST and PORT, a process for each core."

    def handle(self, *args, **options):
        processes = env_int("WEB_PROCESSES", os.cpu_count() or 1)
        threads = env_int("WEB_THREADS", 4)
        if processes < 1 or threads < 1:
            raise CommandError("WEB_PROCESSES and WEB_THREADS must be 1 or more.")
        stop = StopSignals()
        stop.install()
        stop.interrupts = False
        try:
            listener = web_server.listen(*address())
        except OSError as error:
            raise CommandError(f"Cannot listen: {error.strerror}.") from None
        # Loaded before the fork, so that it lies in memory once.
        application = import_string(WSGI_APPLICATION)
        get_resolver().check()
        hold_embedded()
        connections.close_all()
        gc.collect()
        gc.freeze()
        spare_memory()
        work = partial(web_server.serve, application, listener, threads)
        services = [ForkedService(f"web process {n}", work) for n in range(1, processes + 1)]
        # Our copy of the socket is closed with the others, or those who call now would hang.
        try:
            Supervisor(services, STOP_SECONDS).run(
                is_ready=lambda: True,
                on_ready=lambda: None,
                ready_seconds=STOP_SECONDS,
                should_stop=lambda: stop() and not listener.close(),
            )
        except ServiceFailedError as error:
            raise CommandError(str(error)) from None


def spare_memory() -> None:
    """Let the threads of a process share its heap, and give back what loading left over.

    By default each thread fills a heap of its own. Python lets one run at a time, so none waits for
    another here. Where the C library has no such calls, nothing is done.
    """
    library = ctypes.CDLL(None)
    with contextlib.suppress(AttributeError):
        library.mallopt(M_ARENA_MAX, 1)
        library.malloc_trim(0)
