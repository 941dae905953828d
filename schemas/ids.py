"""Stable ids: BLAKE2b-128 hex over canonical fields, the same everywhere and in every run."""

import hashlib

RUN_ID_FORMAT = "%Y%m%dT%H%M%SZ"
"""A run is named by its logical time, in UTC; ids sort as the times do."""


def digest(*fields: str) -> str:
    """Return 32 hex digits that name `fields`; ("ab", "c") and ("a", "bc") differ.

    Source: RFC 7693 (BLAKE2b), 16-byte digest. Each field is preceded by its length in bytes,
    so that no two field lists share an encoding. A lone surrogate is encoded as it stands.
    """
    hasher = hashlib.blake2b(digest_size=16)
    for field in fields:
        encoded = field.encode("utf-8", "surrogatepass")
        hasher.update(len(encoded).to_bytes(8, "little"))
        hasher.update(encoded)
    return hasher.hexdigest()
