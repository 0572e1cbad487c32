"""Does an mp3 say how long it is? Its format has no place for that but a custom of encoders."""

from __future__ import annotations

from pathlib import Path

COUNTS = (b"Xing", b"Info", b"VBRI")
"""In the first frame: LAME and others, LAME for a constant bit rate, Fraunhofer."""
FIRST_FRAME_BYTES = 200


def mp3_of_unknown_length(path: Path) -> bool:
    """Is it an mp3 whose first frame does not tell how many there are?

    libsndfile then guesses from the bit rate of that frame, and gives no more than it has guessed:
    of a variable bit rate perhaps a fraction of the recording.
    """
    with path.open("rb") as file:
        tag = file.read(10)
        # ID3v2.4, 3.1 and 6.2: what is before the first frame, its size in four times seven bits.
        size = sum(byte << bits for byte, bits in zip(tag[6:], (21, 14, 7, 0), strict=False))
        file.seek(10 + size if tag.startswith(b"ID3") else 0)
        frame = file.read(FIRST_FRAME_BYTES)
    return _is_layer_3(frame[:2]) and not any(count in frame for count in COUNTS)


def _is_layer_3(head: bytes) -> bool:
    """ISO/IEC 11172-3, 2.4.1.3: 11 bits of sync word, 2 of version, then layer 01."""
    return len(head) == 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2
