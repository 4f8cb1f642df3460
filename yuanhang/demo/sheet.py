"""A canvas for the demo's pictures, with coordinates from 0 to 1 and the look of a phone's photo.

Everything is painted at twice the size and reduced, which smooths the edges, then lit and given a
little grain.
"""

import io
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SCALE = 2


class Sheet:
    """A canvas with unit coordinates."""

    def __init__(self, size, seed):
        self.width, self.height = size[0] * SCALE, size[1] * SCALE
        self.size, self.dice = size, random.Random(seed)  # noqa: S311 - the same picture every time
        self.image = Image.new("RGB", (self.width, self.height))
        self.pen = ImageDraw.Draw(self.image)

    def points(self, *points):
        """Unit coordinates as pixels."""
        return [(x * self.width, y * self.height) for x, y in points]

    def sky(self, top, bottom, until=1.0):
        """A vertical gradient from the top edge down to `until`."""
        strip = Image.linear_gradient("L").resize((self.width, int(self.height * until)))
        paint = Image.composite(
            Image.new("RGB", strip.size, bottom), Image.new("RGB", strip.size, top), strip
        )
        self.image.paste(paint, (0, 0))

    def ground(self, top, near, far):
        """A ground plane from `top` to the lower edge, darker or lighter towards the viewer."""
        height = self.height - int(self.height * top)
        strip = Image.linear_gradient("L").resize((self.width, height))
        paint = Image.composite(
            Image.new("RGB", strip.size, near), Image.new("RGB", strip.size, far), strip
        )
        self.image.paste(paint, (0, int(self.height * top)))

    def shape(self, colour, *points):
        """A filled polygon."""
        self.pen.polygon(self.points(*points), fill=colour)

    def box(self, colour, x, y, w, h, radius=0.0):
        """A filled rectangle, corners rounded by a share of its width."""
        (x0, y0), (x1, y1) = self.points((x, y), (x + w, y + h))
        self.pen.rounded_rectangle((x0, y0, x1, y1), radius=radius * (x1 - x0), fill=colour)

    def disc(self, colour, x, y, rx, ry=None):
        """A filled ellipse around a middle; radii as shares of the width and the height."""
        ry = rx * self.width / self.height if ry is None else ry
        (x0, y0), (x1, y1) = self.points((x - rx, y - ry), (x + rx, y + ry))
        self.pen.ellipse((x0, y0, x1, y1), fill=colour)

    def line(self, colour, thick, *points):
        """A polyline; thickness as a share of the width."""
        self.pen.line(
            self.points(*points), fill=colour, width=max(int(thick * self.width), 1), joint="curve"
        )

    def cable(self, colour, thick, a, b, sag):
        """A hanging cable between two points."""
        steps = [i / 24 for i in range(25)]
        self.line(
            colour,
            thick,
            *(
                (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t + sag * 4 * t * (1 - t))
                for t in steps
            ),
        )

    def shadow(self, x, y, rx, ry, strength=110):
        """A soft shadow on the ground."""
        mask = Image.new("L", (self.width // 8, self.height // 8), 0)
        (x0, y0), (x1, y1) = self.points((x - rx, y - ry), (x + rx, y + ry))
        ImageDraw.Draw(mask).ellipse([v / 8 for v in (x0, y0, x1, y1)], fill=strength)
        mask = mask.filter(ImageFilter.GaussianBlur(6)).resize((self.width, self.height))
        self.image.paste((20, 20, 22), (0, 0), mask)

    def speckle(self, colours, count, top, size=0.002):
        """Grit or snow below `top`."""
        for _ in range(count):
            x, y = self.dice.random(), self.dice.uniform(top, 1)
            self.disc(self.dice.choice(colours), x, y, size * self.dice.uniform(0.4, 1.4))

    def wall(self, colour, seam, top, bottom):
        """Brickwork across the picture."""
        self.box(colour, 0, top, 1, bottom - top)
        rows = 14
        for row in range(rows + 1):
            y = top + (bottom - top) * row / rows
            self.line(seam, 0.0015, (0, y), (1, y))
            for column in range(12):
                x = (column + (row % 2) / 2) / 11
                self.line(seam, 0.0015, (x, y), (x, min(y + (bottom - top) / rows, bottom)))

    def finish(self):
        """Reduce, light from the upper left, grain, JPEG bytes."""
        picture = self.image.resize(self.size, Image.Resampling.LANCZOS)
        light = Image.radial_gradient("L").resize(
            (int(self.size[0] * 2.2), int(self.size[1] * 2.2))
        )
        left, top = int(self.size[0] * 0.75), int(self.size[1] * 0.8)
        light = light.crop((left, top, left + self.size[0], top + self.size[1]))
        light = light.point(lambda value: 255 - value * 0.42)
        picture = ImageChops.multiply(picture, Image.merge("RGB", (light, light, light)))
        grain = Image.effect_noise(self.size, 14).convert("L")
        picture = ImageChops.overlay(picture, Image.merge("RGB", (grain, grain, grain)))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=86)
        return out.getvalue()
