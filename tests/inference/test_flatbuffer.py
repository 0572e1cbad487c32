"""A torn model is refused before the run time, which crashes on it, sees it."""

import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.reasons import TINY

from edgecry.errors import ModelError
from edgecry.inference.classifier import SHIPPED_MODELS
from edgecry.inference.flatbuffer import check_whole

SHIPPED = [SHIPPED_MODELS / f"{name}.tflite" for name in ("cry-detector", "cry-reasons")]
MODELS = {path.stem: path.read_bytes() for path in (*SHIPPED, TINY)}
CUTS = 200
INTO_THE_RUN_TIME = """
import sys
from edgecry.errors import ModelError
from edgecry.inference.interpreter import Int8Interpreter

model = open(sys.argv[1], "rb").read()
for length in range(0, len(model), len(model) // int(sys.argv[2])):
    try:
        Int8Interpreter(model[:length], "torn")
    except ModelError:
        continue
    sys.exit(f"taken with {length} bytes")
"""


@pytest.mark.parametrize("name", MODELS)
def test_a_whole_model_is_whole(name: str) -> None:
    check_whole(MODELS[name], name)


@given(st.sampled_from(sorted(MODELS)), st.data())
def test_a_model_that_was_cut_anywhere_is_refused(name: str, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(MODELS[name]) - 1))
    with pytest.raises(ModelError, match=f"^{name}: (a part of it is missing|not a TFLite model)"):
        check_whole(MODELS[name][:length], name)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_no_cut_gets_as_far_as_to_crash_the_process(path: Path) -> None:
    command = [sys.executable, "-c", INTO_THE_RUN_TIME, path, str(CUTS)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@given(st.sampled_from(sorted(MODELS)), st.data())
def test_whatever_is_in_it_the_answer_is_yes_or_no(name: str, data: st.DataObject) -> None:
    model = bytearray(MODELS[name])
    for at in data.draw(st.lists(st.integers(0, len(model) - 1), min_size=1, max_size=50)):
        model[at] = data.draw(st.integers(0, 255))
    try:
        check_whole(bytes(model), name)
    except ModelError as error:
        assert str(error).startswith(f"{name}: ")


def test_a_file_that_leads_to_one_place_again_and_again_is_refused() -> None:
    """Its parts are all there; to look at 200 times 200 of the same would take its time."""
    with pytest.raises(ModelError, match=r"^crafted: "):
        check_whole(model_of(many=200), "crafted")
    check_whole(model_of(many=1), "small")


def model_of(many: int) -> bytes:
    """So many references to one subgraph, which has as many to one tensor."""
    tensor = struct.pack("<HHi", 4, 4, 4)  # its list of fields, and a table without any
    subgraph = struct.pack("<HHHxxiI", 6, 8, 4, 8, 4)  # one field: the vector right behind it
    model = struct.pack("<I4sHHHHHxxiI", 20, b"TFL3", 10, 8, 0, 0, 4, 12, 4)  # the third
    graphs = references(many, 8)
    return model + graphs + subgraph + references(many, 4) + tensor


def references(many: int, further: int) -> bytes:
    """A vector of them to one table, which begins so far behind its end."""
    ends = (4 * (many - n) + further for n in range(many))
    return struct.pack(f"<I{many}I", many, *ends)
