"""Public data sets that can be fetched and verified, and how to come by the others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublicSet:
    """A set at one revision. files, size_bytes, sha256: of what `unpack` keeps of it, `tree_hash`.

    sha256 is over the files, not over the archive, whose bytes may differ from day to day.
    """

    name: str
    address: str
    version: str
    licence: str
    layout: str
    files: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A non-cry in a public repository. path: in the set; where: in the address of the set."""

    path: str
    fine: str
    source: str
    licence: str
    group: str
    duration_s: float
    where: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ListedSet:
    """A set of single files, all of which train."""

    name: str
    address: str
    files: tuple[ListedFile, ...]
    licence: str = "each file has its own"

    @property
    def size_bytes(self) -> int:
        """Of all files."""
        return sum(file.size_bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class PublicFile:
    """One file that is no recording. path: in the data folder."""

    name: str
    path: str
    address: str
    licence: str
    size_bytes: int
    sha256: str


CATALOGUE = {
    entry.name: entry
    for entry in (
        PublicSet(
            name="donateacry",
            address="https://github.com/gveres/donateacry-corpus/archive/"
            "6baf5aca0460964ad072653585837f968a87c2af.zip",
            version="6baf5ac, 2020-09-01",
            licence="ODbL-1.0 (database) / DbCL-1.0 (contents)",
            layout="donateacry",
            files=1587,
            size_bytes=96_651_952,
            sha256="91bb1cdbd4b159238911f11ac856c8a709dcc14429e9b91a7f9d08112f81e6ab",
        ),
        PublicSet(
            name="esc10",
            address="https://github.com/karolpiczak/ESC-10/archive/"
            "553c8f1743b9dba6b282e1323c3ca8fa76923448.zip",
            version="553c8f1, 2015-10-08",
            licence="CC BY 3.0",
            layout="esc",
            files=402,
            size_bytes=41_668_590,
            sha256="7185bd0bbf111b3e85220542ff60c33a8adeeb444f1738685cb98fc27b86c004",
        ),
    )
}

YAMNET = PublicFile(
    name="yamnet",
    path="models/yamnet/yamnet.tflite",
    address="https://raw.githubusercontent.com/Jaskaran197/Speaker-Detector/"
    "4ec29b6938f1051fe36b46786f8d486d8b74a38e/yamnet.tflite",
    licence="Apache-2.0 (Google's weights; who converted them states none)",
    size_bytes=4_078_224,
    sha256="469be6a3421cbc52cf97e9f2f966cba984198e8e7af9854d68b3e3ebb1e04194",
)

BY_HAND = {
    "esc50": "git clone https://github.com/karolpiczak/ESC-50 TO/esc50 (CC BY-NC 3.0; layout: esc)",
    "audioset": "lists from https://research.google.com/audioset/download.html; "
    "the clips are on YouTube (layout: audioset)",
    "kaggle": "https://www.kaggle.com, with an account; see each set's licence (layout: folders)",
}
