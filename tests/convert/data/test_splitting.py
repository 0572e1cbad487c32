"""Groups without a split get one that is always the same and has every class in it."""

from hypothesis import given
from hypothesis import strategies as st

from convert.data.splitting import split_groups

GROUPS = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=6),
    st.sampled_from([frozenset([True]), frozenset([False]), frozenset([True, False])]),
    max_size=40,
)


@given(GROUPS, st.integers(0, 9))
def test_every_group_is_in_one_split_whatever_the_order(
    groups: dict[str, frozenset[bool]], seed: int
) -> None:
    splits = split_groups(groups, seed)
    assert splits.keys() == groups.keys()
    assert splits == split_groups(dict(reversed(groups.items())), seed)


@given(GROUPS, st.integers(0, 9))
def test_three_groups_of_a_kind_are_enough_for_all_splits(
    groups: dict[str, frozenset[bool]], seed: int
) -> None:
    splits = split_groups(groups, seed)
    for kind in set(groups.values()):
        own = [splits[group] for group, has in groups.items() if has == kind]
        assert set(own) == ({"train", "val", "test"} if len(own) >= 3 else {"train"})
        assert own.count("train") >= len(own) // 3


def test_another_seed_is_another_split() -> None:
    groups = {f"g{i}": frozenset([True]) for i in range(40)}
    assert split_groups(groups, 1) != split_groups(groups, 2)
    assert list(split_groups(groups, 1).values()).count("test") == 6
