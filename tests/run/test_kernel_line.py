"""A report over a line that the kernel makes slow: `tc` in a network of its own.

The line of tests/browser/line.py lies above TCP; here packets themselves are late and lost. Where a
kernel has no netem, as in many virtual machines, that test is skipped aloud, and the other holds
the rate alone.
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
    # A packet of loopback's own size would never fit through the rate's bucket.
    script = f'ip link set lo mtu 1500 up && tc qdisc add dev lo root {line} && exec "$@"'
    whole = ["unshare", "--net", "sh", "-c", script, "sh", *command]
    return subprocess.run(whole, capture_output=True, text=True, **options)


@pytest.fixture(params=[NETEM, RATE], ids=["netem", "rate"])
def line(request):
    """What this kernel can do; what it cannot is said."""
    if os.geteuid() or not all(map(shutil.which, ("unshare", "tc", "ip"))):
        pytest.skip("needs root, unshare (util-linux) and tc (iproute2)")
    if in_a_network_of_its_own(request.param, ["true"]).returncode:
        pytest.skip(f"this kernel has no {request.param.partition(' ')[0]}")
    return request.param


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
