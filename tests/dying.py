"""A process that dies between two steps of what it does, ended by `os._exit` at a count.

A step is a statement to the database, a commit, or a change of the disk: before each of them, and
after each commit, the process may die; a write it may leave half done. A mother process without
threads is forked for each try, which costs far less than starting a Python of its own.
"""

import os
import pickle
import subprocess
import sys
import traceback

DIED, WENT_WRONG = 9, 8
FOLDERS = ("MEDIA_ROOT", "WRITING_NOTES", "BACKUP_DIR")  # of the test
DISK = ("open", "fsync", "replace", "unlink", "remove", "mkdir", "ftruncate")


class _Steps:
    def __init__(self, left):
        self.left = left

    def take(self):
        if not self.left:
            os._exit(DIED)
        self.left -= 1

    def before(self, real):
        def stepped(*args, **kwargs):
            self.take()
            return real(*args, **kwargs)

        return stepped

    def halved(self, real):
        def stepped(descriptor, data):
            if not self.left:
                real(descriptor, data[: len(data) // 2])
            self.take()
            return real(descriptor, data)

        return stepped

    def around(self, real):
        def stepped(*args, **kwargs):
            self.take()
            answer = real(*args, **kwargs)
            self.take()
            return answer

        return stepped


def _count(steps):
    from django.db import connection

    connection.server._ready = True  # the test holds it; asking for it costs more than the rest
    connection.ensure_connection()
    connection.execute_wrappers.append(
        lambda execute, *args: (steps.take(), execute(*args))[1],
    )
    connection._commit = steps.around(connection._commit)
    for name in DISK:
        setattr(os, name, steps.before(getattr(os, name)))
    os.write = steps.halved(os.write)


def _child(steps, function, arguments):
    try:
        _count(_Steps(steps))
        function(*arguments)
    except BaseException:
        traceback.print_exc()
        os._exit(WENT_WRONG)
    os._exit(0)


def _mother():
    """Fork for each job that comes by the pipe, and answer with how the child ended."""
    import django

    database, folders = pickle.load(sys.stdin.buffer)  # noqa: S301 - the test's own
    django.setup()
    from django.conf import settings
    from django.db import connection

    connection.settings_dict["NAME"] = database
    for name, folder in folders.items():
        setattr(settings, name, folder)
    while True:
        try:
            job = pickle.load(sys.stdin.buffer)  # noqa: S301 - the test's own
        except EOFError:
            return
        child = os.fork()
        if not child:
            _child(*job)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


class Mortal:
    """Does things in a process that dies after a number of steps."""

    def __init__(self):
        from django.conf import settings
        from django.db import connection

        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.dying"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "yuanhang.settings"},
        )
        folders = {name: getattr(settings, name) for name in FOLDERS}
        self._send((connection.settings_dict["NAME"], folders))

    def _send(self, what):
        pickle.dump(what, self._mother.stdin)
        self._mother.stdin.flush()

    def dies_after(self, steps, function, *arguments):
        """Do `function`, one of a module; False where it came to its end."""
        self._send((steps, function, arguments))
        code = int(self._mother.stdout.readline())
        assert code in (0, DIED), code
        return code == DIED

    def end(self):
        """Let the mother go."""
        self._mother.stdin.close()
        self._mother.wait(20)
        self._mother.stdout.close()


if __name__ == "__main__":
    _mother()
