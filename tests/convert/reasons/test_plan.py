"""Folds: by baby nothing leaks, and the leaky protocol does."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.data.types import DataError
from convert.reasons.approach import Approach, Copies, load_approaches
from convert.reasons.job import Job, clips_of
from convert.reasons.plan import PROTOCOLS, Clips, Piece, Plan, everyone, plans, with_copies

FOLDS = 3


def copies(*, before_split: bool = False, each: int = 0, per_class: int | None = None) -> Copies:
    return Copies(
        noise_snr_db=(10, 20),
        semitones=1,
        tempo=(0.9, 1.1),
        before_split=before_split,
        each=each,
        per_class=per_class,
    )


@st.composite
def some_clips(draw: st.DrawFn) -> Clips:
    """Clips of at least 6 babies, of up to three classes; some babies have clips of several."""
    babies = draw(st.lists(st.integers(1, 3), min_size=6, max_size=20))
    groups = [f"baby {number}" for number, count in enumerate(babies) for _ in range(count)]
    n = len(groups)
    labels = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    labels[:6] = [0] * 6
    return Clips(labels, groups, draw(st.lists(st.integers(1, 4), min_size=n, max_size=n)))


some_copies = st.none() | st.builds(
    copies, before_split=st.booleans(), each=st.integers(0, 2), per_class=st.none() | st.just(7)
)


def babies(pieces: list[Piece], clips: Clips) -> set[str]:
    return {clips.groups[p.clip] for p in pieces}


@given(some_clips(), some_copies, st.booleans(), st.integers(0, 5))
def test_by_baby_no_baby_is_on_two_sides(
    clips: Clips, made: Copies | None, watched: bool, seed: int
) -> None:
    judged: list[Piece] = []
    for plan in plans(clips, "by_baby", seed, FOLDS, copies=made, watched=watched):
        fit, watch, judge = (babies(p, clips) for p in (plan.fit, plan.watch, plan.judge))
        assert not fit & judge
        assert not watch & judge
        assert not fit & watch
        assert bool(plan.watch) == watched
        assert all(p.version == 0 for p in (*plan.watch, *plan.judge)), "copies are for training"
        judged += plan.judge
    everything = [Piece(c, n) for c, count in enumerate(clips.pieces) for n in range(count)]
    assert sorted(judged) == everything, "each is judged once"


@given(some_clips(), st.integers(0, 5))
def test_the_leaky_split_judges_each_piece_once_and_trains_none_of_them(
    clips: Clips, seed: int
) -> None:
    judged = []
    for plan in plans(clips, "leaky", seed, FOLDS, watched=True):
        assert not {*plan.fit, *plan.watch} & {*plan.judge}
        judged += plan.judge
    assert sorted(judged) == [Piece(c, n) for c, k in enumerate(clips.pieces) for n in range(k)]


def shared_clips(plan: Plan) -> set[int]:
    return {p.clip for p in plan.fit} & {p.clip for p in plan.judge}


ONE_CLIP_A_BABY = Clips([0, 1] * 10, [f"baby {n}" for n in range(20)], [1] * 20)


def test_copies_before_the_split_leak_and_copies_after_it_do_not() -> None:
    for before_split in (True, False):
        made = copies(before_split=before_split, each=3)
        leaks = [shared_clips(p) for p in plans(ONE_CLIP_A_BABY, "leaky", 1, FOLDS, copies=made)]
        assert all(bool(leak) == before_split for leak in leaks)


def test_pieces_of_a_clip_and_clips_of_a_baby_leak() -> None:
    pieces = Clips([0, 1] * 10, [f"baby {n}" for n in range(20)], [5] * 20)
    assert all(shared_clips(plan) for plan in plans(pieces, "leaky", 1, FOLDS))
    brothers = Clips([0, 1] * 20, [f"baby {n // 4}" for n in range(40)], [1] * 40)
    for plan in plans(brothers, "leaky", 1, FOLDS):
        assert babies(plan.fit, brothers) & babies(plan.judge, brothers)


@given(some_clips(), st.integers(1, 30), st.integers(0, 2))
def test_balanced_classes_have_as_many_pieces_each(clips: Clips, wanted: int, each: int) -> None:
    pieces = [Piece(c, 0) for c in range(len(clips.labels))]
    made = with_copies(pieces, clips.labels, copies(each=each, per_class=wanted), 1.0, 1)
    counted = [sum(clips.labels[p.clip] == label for p in made) for label in set(clips.labels)]
    assert counted == [wanted] * len(counted)
    assert len(made) == len(set(made)), "each copy is another one"


def test_the_same_seed_gives_the_same_plan_and_another_seed_another() -> None:
    def judged(seed: int) -> list[list[Piece]]:
        return [plan.judge for plan in plans(ONE_CLIP_A_BABY, "by_baby", seed, FOLDS)]

    assert judged(1) == judged(1) != judged(2)


def test_too_few_babies_are_an_error() -> None:
    two = Clips([0, 0, 0, 0], ["a", "a", "b", "b"], [1] * 4)
    with pytest.raises(DataError, match=r"2 babies.* are too few for 3 folds"):
        list(plans(two, "by_baby", 1, FOLDS))


def test_a_class_of_one_baby_is_kept() -> None:
    labels = [0] * 12 + [1]
    clips = Clips(labels, [f"baby {n}" for n in range(13)], [1] * 13)
    for protocol in PROTOCOLS:
        judged = [p.clip for plan in plans(clips, protocol, 1, FOLDS) for p in plan.judge]
        assert sorted(judged) == list(range(13))


def test_approaches_that_share_a_class_map_judge_the_same_clips(shared_data: Path) -> None:
    sharing: dict[tuple[str, str], list[Approach]] = {}
    for approach in load_approaches().values():
        classes = str(sorted(approach.classes.items()))
        sharing.setdefault((approach.data, classes), []).append(approach)
    assert max(map(len, sharing.values())) >= 8
    for together in sharing.values():
        folds = []
        for approach in together:
            clips = clips_of(approach, shared_data, None)
            plan = Job(approach, "by_baby", seed=1, fold=2, folds=5, data_sha256="").plan(clips)
            folds.append({clips[p.clip].key for p in plan.judge})
        assert all(fold == folds[0] for fold in folds)


@given(some_clips(), some_copies, st.integers(0, 5))
def test_a_model_for_use_learns_from_everyone(clips: Clips, made: Copies | None, seed: int) -> None:
    plan = everyone(clips, seed, copies=made)
    assert not plan.watch
    assert not plan.judge
    fewer = made is not None and made.per_class is not None
    if not fewer:
        assert babies(plan.fit, clips) == set(clips.groups)
        each = 1 + (made.each if made else 0)
        assert len(plan.fit) == each * sum(clips.pieces)
