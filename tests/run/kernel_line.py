"""Run where the network is a slow line of the kernel's own: the server, and a report sent to it.

python -m tests.run.kernel_line     prints {"page": seconds, "sent": seconds, "statuses": […]}
"""

import http.client
import json
import os
import re
import sys
import time
import uuid
from urllib.parse import urlencode

from tests.served import web

PATH, TRIES = "/hazards/report/", 3


def main():
    """Open the form and send one report, again for as long as no answer comes."""
    with web(dict(os.environ)) as (port, _process):
        began = time.monotonic()
        answer, text = asked(port, "GET")
        took = time.monotonic() - began
        fields = {
            "csrfmiddlewaretoken": re.search(r'csrfmiddlewaretoken" value="(\w+)"', text)[1],
            "submission_key": str(uuid.uuid4()),
            "category": "ice",
            "description": "冰面很滑",
        }
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        began = time.monotonic()
        # The phone asks twice: the first receipt may have been lost on the way.
        statuses = [asked(port, "POST", fields, cookie)[0].status for _time in range(2)]
    print(json.dumps({"page": took, "sent": time.monotonic() - began, "statuses": statuses}))


def asked(port, method, fields=None, cookie=""):
    """An answer and its text."""
    for left in reversed(range(TRIES)):
        line = http.client.HTTPConnection("localhost", port, timeout=60)
        headers = {"Cookie": cookie, "Accept-Encoding": "identity"}
        if fields:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            line.request(method, PATH, urlencode(fields) if fields else None, headers)
            answer = line.getresponse()
            return answer, answer.read().decode()
        except OSError:
            if not left:
                raise
        finally:
            line.close()
    raise AssertionError


if __name__ == "__main__":
    sys.exit(main())
