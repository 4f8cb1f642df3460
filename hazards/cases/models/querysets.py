"""Which cases somebody sees, and which a page asks for."""

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery

from hazards.cases.search_terms import query_words, search_terms
from hazards.cases.states import OPEN_STATES, State
from stations.postings.access import grids_held, scope_of

SEARCH_HITS_BY_KEY = 200  # search results that are fetched by their keys


class Normalize(models.Func):
    """A text in one width (NFKC), as `yuanhang.core.text.folded` compares it."""

    function = "NORMALIZE"
    template = "%(function)s(%(expressions)s, NFKC)"
    output_field = models.TextField()


class HazardQuerySet(models.QuerySet):
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
        held = Exists(grids_held().filter(grid=OuterRef("grid")))
        named = self.select_related("category", "grid", "community", "organisation")
        return named.annotate(grid_is_held=held)

    def with_row_facts(self):
        """With what a row of a list shows: first picture, number of pictures, length of speech.

        A few numbers a row, asked with the rows themselves: `first_photo_key`, `photo_count`,
        `voice_seconds`.
        """
        photos = self.model.photos.rel.related_model.objects.filter(hazard=OuterRef("pk"))
        voices = self.model.voices.rel.related_model.objects.filter(hazard=OuterRef("pk"))
        count = photos.order_by().values("hazard").annotate(n=Count("pk")).values("n")
        seen = photos.filter(is_repair=False).order_by("pk").values("pk")[:1]
        heard = voices.order_by("pk").values("seconds")[:1]
        return self.annotate(
            first_photo_key=Subquery(seen),
            photo_count=Subquery(count),
            voice_seconds=Subquery(heard),
        )

    def open(self):
        """Not yet at an end."""
        return self.filter(state__in=OPEN_STATES)

    def due_before(self, moment):
        """Cases whose running deadline ends before a moment."""
        held = Q(state__in=[State.ACCEPTED, State.ESCALATED, State.DISPATCHED])
        return self.filter(
            Q(state=State.SUBMITTED, acknowledge_due_at__lte=moment)
            | held & Q(fix_due_at__lte=moment)
            | held & Q(secured_at__isnull=True, secure_due_at__lte=moment)
        )

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

        The planner cannot know how rare a word is: it would walk all cases, newest first, for one
        that nobody wrote. So the index is asked first, and where few have the words, it is those.
        """
        asked = query_words(words)
        if asked is None:
            return self.none()
        if not asked:
            return self
        found = self.alias(
            one_place=Normalize("place"),
            one_text=Normalize("description"),
            one_gist=Normalize("heard"),
        )
        for word in asked:
            terms = search_terms(word)
            # Pairs need no single characters beside them: fewer terms, faster index. A word that
            # is a term itself is answered by the index alone, and its share is well estimated.
            pairs = [term for term in terms if len(term) == 2] or terms
            if pairs:
                found = found.filter(search__contains=pairs)
            if word not in terms:
                found = found.filter(
                    Q(number__icontains=word)
                    | Q(one_place__icontains=word)
                    | Q(one_text__icontains=word)
                    | Q(one_gist__icontains=word)
                )
        few = list(found.order_by().values_list("pk", flat=True)[: SEARCH_HITS_BY_KEY + 1])
        return found if len(few) > SEARCH_HITS_BY_KEY else self.filter(pk__in=few)
