"""A report over a line that the kernel makes slow: `tc` in a network of its own.

The line of tests/browser/line.py lies above TCP; here packets themselves are late and lost. Where a
kernel has no netem (many of virtual machines have none) its rate alone is held, and that is said;
without root, `unshare` or `tc` nothing of it can be made.
"""

import json
import os
import shutil
import subprocess
import sys

import pytest
from django.conf import settings

from hazards.cases.models.hazards import Hazard
from tests.served import unweighed

pytestmark = [
    pytest.mark.xdist_group("quickstart"),
    pytest.mark.enable_socket,
    pytest.mark.django_db(transaction=True),
]
# 2G: 50 kbit/s, 800 ms there and back, one packet in a hundred lost.
NETEM = "netem delay 400ms rate 50kbit loss 1%"
RATE = "tbf rate 50kbit burst 4kb latency 2s"
# Seventy kilobytes of page, sent as they are, at 50 kbit/s.
SECONDS_MAX = 60


def in_a_network_of_its_own(line, command, **options):
    """Run a command where the only network is a slow line to itself."""
    script = f'ip link set lo up && tc qdisc add dev lo root {line} && exec "$@"'
    whole = ["unshare", "--net", "sh", "-c", script, "sh", *command]
    return subprocess.run(whole, capture_output=True, text=True, **options)


@pytest.fixture
def line(record_property):
    """What this kernel can do."""
    if os.geteuid() or not all(map(shutil.which, ("unshare", "tc", "ip"))):
        pytest.skip("needs root, unshare (util-linux) and tc (iproute2)")
    for words in (NETEM, RATE):
        if in_a_network_of_its_own(words, ["true"]).returncode == 0:
            break
    else:
        pytest.skip("this kernel makes no slow lines: neither netem nor tbf")
    if words is RATE:
        print("This kernel has no netem: the line is slow, and nothing on it is late or lost.")
    record_property("line", words)
    return words


def test_a_report_arrives_exactly_once(town, tmp_path, line):
    done = in_a_network_of_its_own(
        line,
        [sys.executable, "-m", "tests.run.kernel_line"],
        cwd=settings.BASE_DIR,
        env=unweighed(tmp_path),
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["statuses"] == [302, 302]
    assert Hazard.objects.get().description == "冰面很滑"
    assert told["page"] <= SECONDS_MAX
    # The line was slow: at full speed the page takes a tenth of a second.
    assert told["page"] > 1
