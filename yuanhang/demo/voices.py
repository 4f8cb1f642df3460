"""Voices for the demo, made by our own code: a hum with syllables, as real AAC in mp4.

A pulse train at a speaking pitch goes through two resonators (formants) that wander between
vowels; syllables swell and fade at about four a second.
"""

import array
import io
import math
import random
from fractions import Fraction

import av

RATE = 8_000  # samples a second
VOWELS = ((730, 1090), (270, 2290), (300, 870), (530, 1840), (570, 840))  # F1, F2 in hertz


def _samples(seconds, dice):
    """Mono 16-bit samples of somebody humming a sentence."""
    total, out = int(seconds * RATE), array.array("h")
    phase = position = 0.0
    state = [[0.0, 0.0], [0.0, 0.0]]
    vowel, length, began = VOWELS[0], RATE // 4, 0
    pitch = dice.uniform(110, 170)
    factors = []
    for n in range(total):
        if n >= began + length or n == 0:
            began, length = n, int(RATE * dice.uniform(0.17, 0.32))
            vowel, pause = dice.choice(VOWELS), dice.random() < 0.14
            factors = [
                (2 * 0.975 * math.cos(2 * math.pi * f / RATE), -0.975 * 0.975) for f in vowel
            ]
        position = (n - began) / length
        swell = 0.0 if pause else math.sin(math.pi * position) ** 0.6
        phase += pitch * (1 + 0.05 * math.sin(n / 2900)) / RATE
        pulse = 0.0
        if phase >= 1:
            phase -= 1
            pulse = 1.0
        value = pulse + dice.uniform(-0.004, 0.004)
        mixed = 0.0
        for memory, (a, b) in zip(state, factors, strict=True):
            fresh = value + a * memory[0] + b * memory[1]
            memory[1], memory[0] = memory[0], fresh
            mixed += fresh
        out.append(max(-32000, min(32000, int(mixed * swell * 3800))))
    return out


def make_voice(seconds, seed):
    """A demo voice note of the given length (seconds) as AAC in mp4."""
    samples = _samples(seconds, random.Random(seed))  # noqa: S311 - the same voice every time
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=RATE)
        stream.layout = "mono"
        stream.bit_rate = 32_000
        data = samples.tobytes()
        for start in range(0, len(data), 2048):
            chunk = data[start : start + 2048]
            frame = av.AudioFrame(format="s16", layout="mono", samples=len(chunk) // 2)
            frame.planes[0].update(chunk + bytes(frame.planes[0].buffer_size - len(chunk)))
            frame.sample_rate, frame.pts = RATE, start // 2
            frame.time_base = Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()
