"""The key of a slip's link and the code beside it; pure but for the site's secret."""

import hashlib
import secrets

from django.utils.crypto import salted_hmac

KEY_BYTES = 16  # 128 bits
CODE_DIGITS = 6


def make_seed() -> str:
    """What a slip keeps: 128 random bits, of no use without the site's secret."""
    return secrets.token_hex(KEY_BYTES)


def key_of(seed: str) -> str:
    """The key in the link: 128 bits in hexadecimal."""
    return salted_hmac("hazards.slips.key", seed, algorithm="sha256").digest()[:KEY_BYTES].hex()


def digest(key: str) -> str:
    """What a link is found by; the key is random, so it needs no salt and no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


def code_of(seed: str, code_round: int) -> str:
    """The six digits of one round; another round is another code."""
    value = salted_hmac("hazards.slips.code", f"{seed}:{code_round}", algorithm="sha256")
    return f"{int.from_bytes(value.digest()[:8]) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"
