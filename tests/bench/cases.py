"""Cases of a bench city, and the traces they left."""

from django.db import connection

from hazards.cases.models.attachments import HazardPhoto, HazardVoice
from hazards.cases.models.hazards import Hazard
from hazards.cases.models.steps import Step
from hazards.cases.search_terms import search_terms
from hazards.catalogue.models import Category, StandardCase
from stations.areas.models import Grid
from stations.postings.models import Organisation, Posting
from tests.bench.bulk import insert
from tests.bench.fill import HOME_GRIDS, PLACES, RARE, TEXTS
from yuanhang.core.models import AuditEvent
from yuanhang.core.outbox.models import Delivery, Notice

DAYS = 730  # so far back the oldest case lies
OPEN = "'{submitted,submitted,needs_info,accepted,accepted,escalated,dispatched,suspended,fixed}'"
CLOSED_OF_100 = 94

# The latest ones lie in the grid worker's grid, a few minutes apart, most of them open, and more
# often of what is looked for: every page is as full in a small city as in a large one.
FULL = 720
EVERY_MINUTES = 3
# n counts from the oldest; a case is open for what chance says, more often among the latest.
DRAWN = """
FROM (
  SELECT n, at, is_open, here, text, urgency, r1, r2,
    CASE WHEN is_open THEN ({open}::text[])[1 + floor(r3 * 9)::int] ELSE 'closed' END AS state,
    'YH' || to_char(at, 'YYYYMMDD') || '-' || lpad((n % 1000000)::text, 6, '0') AS number
  FROM (
    SELECT n,
      now() - CASE WHEN n > {count} - {full} THEN {minutes} * interval '1 minute' * ({count} - n)
        ELSE interval '2 days' + {days} * interval '1 day' * (({count} - n)::float / {count}) END
        AS at,
      CASE WHEN n > {count} - {full} THEN n % 3 > 0
        ELSE random() < CASE WHEN n > 0.94 * {count} THEN 0.5 ELSE 0.032 END END AS is_open,
      CASE WHEN n > {count} - {full} THEN {mine}
        WHEN random() < 0.4 THEN floor(random() * 2 * {home})::int
        ELSE 2 * {home} + floor(random() * {others})::int END AS here,
      CASE WHEN n > {count} - {full} AND n % 12 < 3 THEN (ARRAY[{texts} - 1, 1, 1])[1 + n % 12]
        WHEN random() < 0.02 THEN {texts} - 1
        ELSE floor(random() * ({texts} - 1))::int END AS text,
      (ARRAY[1, 2, 3, 3, 3, 4])[1 + floor(random() * 6)::int] AS urgency,
      CASE WHEN n > {count} - {full} AND n % 7 < 1 THEN {ice} ELSE random() END AS r1,
      random() AS r2, random() AS r3
    FROM generate_series(1, {count}) AS n
  ) AS first
) AS c
JOIN bench_place AS g ON g.n = c.here
JOIN bench_text AS t ON t.n = c.text
"""


def hazards(count, cast):
    """So many cases over two years, 94 of 100 closed; the rider of the cast sent 200 of them."""
    _lists()
    connection.cursor().execute("SELECT setseed(0.6)")  # the same draw in every run
    texts = len(TEXTS) * len(PLACES) + 1
    categories = list(Category.objects.order_by("key").values_list("pk", flat=True))
    grids = list(Grid.objects.order_by("pk").values_list("pk", flat=True))
    mine = Posting.objects.get(user_id=cast["grid_worker"][0]).grid_id
    source = DRAWN.format(
        open=OPEN,
        days=DAYS,
        full=FULL,
        mine=grids.index(mine),
        count=count,
        home=HOME_GRIDS,
        others=len(grids) - 2 * HOME_GRIDS,
        texts=texts,
        minutes=EVERY_MINUTES,
        ice=(categories.index("ice") + 0.5) / len(categories),
    )
    insert(Hazard, source, **_place_and_words(count, cast, categories), **_stamps())


def _place_and_words(count, cast, categories):
    rider, every = cast["rider"][0], max(count // 200, 1)
    return {
        "number": "c.number",
        "submission_key": "gen_random_uuid()",
        "receipt_token": "md5(random()::text)",
        "lookup_code": "lpad(floor(random() * 100000000)::text, 8, '0')",
        "subdistrict_id": "g.subdistrict",
        "community_id": "g.community",
        "grid_id": "g.id",
        "category_id": f"('{_set(categories)}'::text[])[1 + floor(r1 * {len(categories)})::int]",
        "description": "t.description",
        "place": "t.place",
        "latitude": "round((g.south + 0.01 * r1)::numeric, 6)",
        "longitude": "round((g.west + 0.01 * r2)::numeric, 6)",
        "reporter_id": f"CASE WHEN c.n % {every} = 0 THEN {rider}"
        f" ELSE 6 + floor(r2 * {count})::int END",
        "search": "t.terms || bench_terms(c.number)",
    }


def _stamps():
    is_running = "state IN ('accepted', 'escalated', 'dispatched', 'suspended', 'fixed', 'closed')"
    standard = StandardCase.objects.filter(code="0102").order_by("variant").first()
    return {
        "urgency": "urgency",
        "state": "state",
        "submitted_at": "at",
        "waiting_since": "at",
        "created_at": "at",
        "acknowledge_due_at": "at + interval '2 hours'",
        "standard_case_id": f"CASE WHEN {is_running} THEN {standard.pk} END",
        "accepted_at": f"CASE WHEN {is_running} THEN at + interval '1 hour' END",
        "clock_started_at": f"CASE WHEN {is_running} THEN at + interval '1 hour' END",
        "secure_due_at": f"CASE WHEN {is_running} THEN at + interval '9 hours' END",
        "fix_due_at": f"CASE WHEN {is_running} THEN at + interval '7 days' END",
        "organisation_id": "CASE WHEN state = 'dispatched' THEN g.unit END",
        "suspended_at": "CASE WHEN state = 'suspended' THEN at + interval '1 day' END",
        "suspended_until": "CASE WHEN state = 'suspended' THEN current_date + 9 END",
        "fixed_at": "CASE WHEN state IN ('fixed', 'closed') THEN at + interval '2 days' END",
        "closed_at": "CASE WHEN state = 'closed' THEN least(now(), at + interval '3 days') END",
    }


def _set(keys):
    return "{" + ",".join(map(str, keys)) + "}"


def _lists():
    """Places and texts as numbered tables; the terms of a number, as `search_terms` makes them."""
    pairs = [(text, place) for text in TEXTS for place in PLACES] + [RARE]
    units = dict(Organisation.objects.values_list("subdistrict", "pk"))
    grids = Grid.objects.select_related("community").order_by("pk")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE UNLOGGED TABLE bench_place (n int PRIMARY KEY, id bigint, community bigint,"
            " subdistrict bigint, south float, west float, unit bigint);"
            "CREATE UNLOGGED TABLE bench_text (n int PRIMARY KEY, description text, place text,"
            " terms varchar(8)[]);"
            "CREATE OR REPLACE FUNCTION bench_terms(number text) RETURNS varchar(8)[]"
            " LANGUAGE sql IMMUTABLE AS $$ SELECT array_agg(DISTINCT term) FROM"
            " regexp_split_to_table(lower(number), '-') AS run,"
            " generate_series(1, length(run)) AS at, generate_series(1, 2) AS size,"
            " LATERAL (SELECT substr(run, at, size)::varchar(8) AS term) AS one"
            " WHERE length(term) = size $$"
        )
        cursor.executemany(
            "INSERT INTO bench_place VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [
                (n, g.pk, g.community_id, s, g.south, g.west, units[s])
                for n, g in enumerate(grids)
                for s in [g.community.subdistrict_id]
            ],
        )
        cursor.executemany(
            "INSERT INTO bench_text VALUES (%s, %s, %s, %s)",
            [(n, *pair, search_terms(*pair)) for n, pair in enumerate(pairs)],
        )


def stories():
    """Two steps a case, a photo for every second, a voice note for every fifth."""
    verbs = "FROM hazards_hazard AS h, (VALUES ('submit'), ('close')) AS v (verb)"
    insert(
        Step,
        f"{verbs} WHERE verb = 'submit' OR state = 'closed' ORDER BY h.id",
        hazard_id="h.id",
        verb="verb",
        state="CASE verb WHEN 'submit' THEN 'submitted' ELSE state END",
        at="CASE verb WHEN 'submit' THEN submitted_at ELSE closed_at END",
    )
    first = "FROM hazards_step AS s WHERE verb = 'submit' AND"
    files = {"hazard_id": "hazard_id", "step_id": "id", "created_at": "at"}
    insert(
        HazardPhoto,
        f"{first} id % 2 = 0",
        **files,
        image="'a.jpg'",
        thumbnail="'b.jpg'",
        width="60",
        height="40",
    )
    insert(HazardVoice, f"{first} id % 5 = 0", **files, audio="'a.m4a'", seconds="5")


def traces(cast):
    """Two notices and three events a case, a message of a robot for every third."""
    cases = "FROM hazards_hazard AS h"
    staff = ",".join(str(cast[name][0]) for name in ("grid_worker", "staff", "officer"))
    for kind, who in (
        ("hazards.accept", "reporter_id"),
        ("hazards.staff_submit", f"('{{{staff}}}'::bigint[])[1 + h.id % 3]"),
    ):
        insert(
            Notice,
            cases,
            recipient_id=who,
            key=f"'{kind}:' || h.id",
            kind=f"'{kind}'",
            title="'隐患 ' || h.number",
            body="'网格员已受理。'",
            url="'/hazards/' || h.number || '/'",
            created_at="submitted_at",
            read_at="CASE WHEN h.id % 20 <> 0 THEN submitted_at + interval '1 hour' END",
        )
    insert(
        Delivery,
        f"{cases} WHERE h.id % 3 = 0",
        channel="'chat'",
        target="'1'",
        key="'hazards:' || h.id",
        text="'新上报 ' || h.number",
        state="'sent'",
        sent_at="submitted_at + interval '5 seconds'",
        created_at="submitted_at",
        due_at="submitted_at",
    )
    insert(
        AuditEvent,
        f"{cases}, (VALUES ('submit'), ('accept'), ('close')) AS v (verb) ORDER BY h.id",
        at="submitted_at",
        kind="'hazards.' || verb",
        target_type="'hazards.hazard'",
        target_id="h.id::text",
        actor_id=f"CASE verb WHEN 'submit' THEN reporter_id ELSE {cast['grid_worker'][0]} END",
        actor_role="CASE verb WHEN 'submit' THEN 'reporter' ELSE 'reviewer' END",
    )
