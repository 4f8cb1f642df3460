"""What the first visit to the report page costs a rider (at most 35 KB).

Measured is what Chromium received over the wire, answer headers included: the sum of
`Network.loadingFinished.encodedDataLength` of every request of a visit with an empty cache. The
server is the one of production: DEBUG off, files collected under hashed names,
WhiteNoise sending their brotli copies. Only HTTPS is missing, which adds its handshake and makes
browsers accept brotli at all; as they do so on localhost too, the sizes are the same.
"""

from tests.factories.stations import GridFactory, LandmarkFactory, square

BUDGET = 35 * 1024


def weigh(page, address):
    """Visit with an empty cache; returns bytes on the wire by address, and their encodings."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    asked, weights, encodings = {}, {}, {}

    def answered(event):
        asked[event["requestId"]] = event["response"]["url"]
        headers = {k.lower(): v for k, v in event["response"]["headers"].items()}
        encodings[event["response"]["url"]] = headers.get("content-encoding")

    def finished(event):
        if event["requestId"] in asked:
            weights[asked[event["requestId"]]] = event["encodedDataLength"]

    session.on("Network.responseReceived", answered)
    session.on("Network.loadingFinished", finished)
    page.goto(address, wait_until="networkidle")
    return weights, encodings


def test_the_first_visit_to_the_report_page_is_light(town, person, production_server):
    # A real place has more grids and landmarks than the test town; both are on the page.
    for number in range(10, 40):
        GridFactory(
            community=town.community,
            number=number,
            name=f"第{number}网格",
            boundary=square(46.5, 124.5 + number / 50),
        )
        LandmarkFactory(community=town.community, name=f"南{number}街与外环路口")
    page = person(home=production_server)
    # Nobody has said yes on a first visit: the small map comes once there is a position.
    page.context.clear_permissions()
    weights, encodings = weigh(page, f"{production_server}/hazards/report/")
    total = sum(weights.values())
    lines = sorted((size, url.removeprefix(production_server)) for url, size in weights.items())
    told = "\n".join(f"{size:>7} {url}" for size, url in [*lines, (total, "in all")])
    print(told)
    names = " ".join(weights)
    for part in ("/hazards/report/", "css/site.", "css/hazards.", "js/report."):
        assert part in names, told
    packed = {url: how for url, how in encodings.items() if url.endswith((".css", ".js"))}
    assert set(packed.values()) == {"br"}, packed
    assert encodings[f"{production_server}/hazards/report/"] == "gzip"
    assert total <= BUDGET, told
    # It is the whole page: the form works.
    page.get_by_label("井盖道路").check()
    assert page.locator("#talk").is_visible()
