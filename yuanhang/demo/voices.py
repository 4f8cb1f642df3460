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
    pitch, phase, memory = dice.uniform(110, 170), 0.0, (0.0, 0.0, 0.0, 0.0)
    while len(out) < total:
        length = min(int(RATE * dice.uniform(0.17, 0.32)), total - len(out))
        vowel, is_pause = dice.choice(VOWELS), dice.random() < 0.14
        phase, memory = _syllable(out, length, vowel, pitch, phase, memory, dice.random)
        if is_pause:
            out[-length:] = array.array("h", bytes(2 * length))
    return out


def _syllable(out, length, vowel, pitch, phase, memory, noise):
    """Append a syllable to `out`; returns the phase and the resonators' memory behind it.

    A second is eight thousand turns of this loop, so it looks nothing up.
    """
    first, second = (2 * 0.975 * math.cos(2 * math.pi * formant / RATE) for formant in vowel)
    loss = 0.975 * 0.975
    a, b, c, d = memory
    append, sin = out.append, math.sin
    start, turn = len(out), pitch / RATE
    for n in range(length):
        phase += turn * (1 + 0.05 * sin((start + n) / 2900))
        value = (noise() - 0.5) * 0.008
        if phase >= 1:
            phase -= 1
            value += 1.0
        a, b = value + first * a - loss * b, a
        c, d = value + second * c - loss * d, c
        loud = (a + c) * sin(math.pi * n / length) ** 0.6 * 3800
        append(int(loud) if -32000 < loud < 32000 else 0)
    return phase, (a, b, c, d)


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
