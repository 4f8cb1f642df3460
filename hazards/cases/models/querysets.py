"""Which cases somebody sees, and which a page asks for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from hazards.cases import term_shares
from hazards.cases.case_numbers import spelled_number
from hazards.cases.models import row_questions
from hazards.cases.models.furnishing import furnish
from hazards.cases.search_terms import query_words, search_terms
from hazards.cases.states import OPEN_STATES, State
from stations.postings.access import scope_of

SEARCH_HITS_BY_KEY = 200  # search results that are fetched by their keys
PROBED = 2000  # newest cases among which a page of hits must lie for walking to be quick
PROBED_HITS = 51


class Normalize(models.Func):
    """A text in one width (NFKC), as `yuanhang.core.text.folded` compares it."""

    function = "NORMALIZE"
    template = "%(function)s(%(expressions)s, NFKC)"
    output_field = models.TextField()


class HasTerms(models.Func):
    """`@>` in a spelling that no index answers: rows are tried in the order they are read."""

    function = "arraycontains"
    output_field = models.BooleanField()

    def __init__(self, terms):
        super().__init__(F("search"), Value(terms, ArrayField(models.CharField(max_length=8))))


class Likely(Coalesce):
    """A condition that the planner takes for true of every second row, not of next to none."""

    def __init__(self, condition):
        held = models.ExpressionWrapper(condition, output_field=models.BooleanField())
        super().__init__(held, Value(False))


class HazardQuerySet(models.QuerySet):
    is_furnished = False

    def furnished(self):
        """With category, grid and so on from what the process keeps: no join, no question."""
        rows = self._chain()
        rows.is_furnished = True
        return rows

    def _clone(self):
        copied = super()._clone()
        copied.is_furnished = self.is_furnished
        return copied

    def _fetch_all(self):
        is_new = self._result_cache is None
        super()._fetch_all()
        if is_new and self.is_furnished:
            for case in self._result_cache:
                furnish(case)

    def visible_to(self, user):
        """Reporters see theirs; post holders the cases of their grids, community or subdistrict."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self.all()
        scope = scope_of(user)
        mine = Q(reporter_id=user.pk)
        if not scope:
            return self.filter(mine)
        return self.filter(mine | self._in_scope(scope))

    def in_charge_of(self, user):
        """The cases a post puts before this user; what they reported themselves does not count."""
        if user.is_authenticated and user.is_superuser:
            return self.all()
        scope = scope_of(user)
        return self.filter(self._in_scope(scope)) if scope else self.none()

    def reported_by(self, user):
        """What a person reported, with all that a row of it says: where it is, who has it."""
        main = ("main__category", "main__grid", "main__community", "main__organisation")
        rows = self.filter(reporter=user).with_holders().select_related(*main)
        return rows.prefetch_related("photos")

    @staticmethod
    def _in_scope(scope):
        """One condition per kind of post that is held, so that a single one stays indexable."""
        covered = Q(pk__in=[])
        for field, keys in (
            ("grid_id", scope.grids),
            ("community_id", scope.communities),
            ("subdistrict_id", scope.subdistricts),
        ):
            if len(keys) == 1:
                covered |= Q(**{field: next(iter(keys))})
            elif keys:
                covered |= Q(**{f"{field}__in": sorted(keys)})
        return covered

    def with_holders(self):
        """With what `words.holder` asks of each row, so that a list asks once."""
        named = self.select_related("category", "grid", "community", "organisation")
        return named.annotate(grid_is_held=row_questions.grid_is_held(self.model, localdate()))

    def with_row_facts(self):
        """With what a row of a list shows: first picture, number of pictures, length of speech.

        A few numbers a row, asked with the rows themselves: `first_photo_key`, `photo_count`,
        `voice_seconds`.
        """
        return self.annotate(
            first_photo_key=row_questions.first_photo(self.model),
            photo_count=row_questions.photo_count(self.model),
            voice_seconds=row_questions.voice_seconds(self.model),
        )

    def open(self):
        """Not yet at an end."""
        return self.filter(state__in=OPEN_STATES)

    def due_before(self, moment):
        """Cases whose running deadline ends before a moment."""
        return self.filter(next_due_at__lte=moment)

    def closed_between(self, start, end):
        """Closed in a stretch of time, the end not included."""
        return self.filter(state=State.CLOSED, closed_at__gte=start, closed_at__lt=end)

    def within(self, south, west, north, east):
        """Cases whose point lies in a box of WGS-84 degrees.

        No index of its own: among open cases the ones by scope narrow enough (measured with
        100,000 cases: 5 ms without, 2 ms with), and every write would pay for it.
        """
        return self.filter(latitude__range=(south, north), longitude__range=(west, east))

    def matching(self, words):
        """Cases whose number, place, text or gist has every one of the words; asks once by itself.

        A whole number is asked for as such. Where the words are common, a page of
        hits lies among the newest cases, which are walked; else the index is asked first. The
        planner would not know: it walks them all for what nobody wrote, and fetches all that has
        a common word.
        """
        asked = query_words(words)
        if asked is None:
            return self.none()
        if not asked:
            return self
        # Only a whole number: its last digits may as well be those of a house that a text names.
        number = spelled_number(asked[0]) if len(asked) == 1 else None
        by_number = self.filter(number=number) if number else self.none()
        if number and by_number.exists():
            return by_number
        if term_shares.are_common(pair for word in asked for pair in _pairs(word)):
            walked = self._having(asked, HasTerms, Likely)
            # Each common for itself, several words may never stand together; nor may digits. The
            # pairs of one Chinese word overlap, so what nobody writes has a rare one among them.
            if (len(asked) == 1 and not asked[0].isascii()) or walked.is_dense(self):
                return walked
        found = self._having(asked, _terms_by_index, _plainly)
        few = list(found.order_by().values_list("pk", flat=True)[: SEARCH_HITS_BY_KEY + 1])
        return found if len(few) > SEARCH_HITS_BY_KEY else self.filter(pk__in=few)

    def _having(self, asked, terms_condition, text_condition):
        """The cases that have every word, by the given spellings of the two conditions."""
        found = self.alias(
            one_place=Normalize("place"),
            one_text=Normalize("description"),
            one_gist=Normalize("heard"),
        )
        for word in asked:
            if pairs := _pairs(word):
                found = found.filter(terms_condition(pairs))
            # A word that is a term itself is answered by the terms alone.
            if word not in search_terms(word):
                written = Q(number__icontains=word)
                for text in ("one_place", "one_text", "one_gist"):
                    written |= Q(**{f"{text}__icontains": word})
                found = found.filter(text_condition(written))
        return found

    def is_dense(self, among):
        """Whether a page of these cases lies among the newest thousands of `among`; one query."""
        newest = among.order_by("-pk").values("pk")[:PROBED]
        hits = self.filter(pk__in=newest).order_by().values("pk")[:PROBED_HITS]
        return len(hits) == PROBED_HITS


def _pairs(word):
    """Pairs need no single characters beside them: fewer terms, a faster index."""
    terms = search_terms(word)
    return [term for term in terms if len(term) == 2] or terms


def _terms_by_index(pairs):
    return Q(search__contains=pairs)


def _plainly(condition):
    return condition
