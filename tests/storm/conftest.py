"""A site of its own for whoever treats it badly."""

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.run.test_quickstart import free_port
from tests.served import copy_tables
from tests.storm.site import Site
from yuanhang.postgres.server import get_server


@pytest.fixture
def folder():
    """Not tmp_path, which is closed to the database's account."""
    made = Path(tempfile.mkdtemp(prefix="yh-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def site(folder, transactional_db):
    """A site that is not begun, with all tables: to migrate takes longer than the storm."""
    server = get_server(folder / "var" / "postgres")
    server.hold()
    copy_tables(server)
    server.release()
    site = Site(folder, free_port())
    yield site
    site.end()
