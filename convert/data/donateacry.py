"""DonateACry, cries that parents uploaded from a phone: the raw uploads and the cleaned corpus.

https://github.com/gveres/donateacry-corpus. Everything is in the file name:
`<app instance>-<unix time>-<app version>-<gender>-<age>-<reason>`; one instance is one phone, which
is as near to one baby as the corpus gets. The uploads are .3gp and .caf, the cleaned ones .wav.
"""

from __future__ import annotations

import re
from pathlib import Path

from convert.data.files import recordings_in
from convert.data.types import Contents, Found
from convert.recipe import DataSet

LICENCE = "ODbL-1.0 (database) / DbCL-1.0 (contents)"
RAW = (".3gp", ".caf")
"""AMR and IMA4, which libsndfile does not decode."""
REASONS = {
    "hu": "hungry",
    "bu": "burping",
    "bp": "belly_pain",
    "dc": "discomfort",
    "ti": "tired",
    "lo": "lonely",
    "ch": "cold_hot",
    "sc": "scared",
    "dk": "unknown",
}
_NAME = re.compile(
    r"(?P<instance>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"-[0-9.]+-.+-(?P<gender>[mf])-(?P<age>[0-9]{2})-(?P<reason>[a-z]{2})"
)


def read_donateacry(folder: Path, entry: DataSet) -> Contents:
    """All recordings whose name is of the corpus, as cries. Groups are app instances.

    Raw uploads are left out, with a remark, unless a converted file of the same name is there too.
    """
    paths = [path for path in recordings_in(folder) if donateacry_group(path)]
    kept = [path for path in paths if path.suffix.lower() not in RAW]
    names = {_stem(path) for path in kept}
    raw = [path for path in paths if _stem(path) not in names]
    contents = Contents()
    if raw:
        contents.remarks.append(
            f"{len(raw)} raw uploads (.3gp, .caf) were left out, such as {raw[0]}; to use them, "
            "convert each beside itself: ffmpeg -i NAME.3gp NAME.wav. Nobody checked that they are "
            "cries, and ffmpeg decodes some .3gp wrongly unless they are made .amr (-c copy) first"
        )
    for path in kept:
        parts = _parts(path)
        assert parts is not None
        contents.found.append(
            Found(
                path=path,
                cry=True,
                fine=REASONS.get(parts["reason"], "unknown"),
                group=f"donateacry:{parts['instance']}",
                licence=entry.licence or LICENCE,
            )
        )
    return contents


def donateacry_group(path: Path) -> str | None:
    """The group of a file that is named as the corpus names its files."""
    parts = _parts(path)
    return f"donateacry:{parts['instance']}" if parts else None


def _parts(path: Path) -> re.Match[str] | None:
    return _NAME.fullmatch(_stem(path))


def _stem(path: Path) -> str:
    """Some uploads carry their suffix twice."""
    return path.stem.lower().removesuffix(path.suffix.lower())
