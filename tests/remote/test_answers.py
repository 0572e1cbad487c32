"""A bounded memory of what has been done."""

from hypothesis import given
from hypothesis import strategies as st

from edgecry.remote.answers import Answer, Answers

names = st.tuples(st.sampled_from(["test", "standby"]), st.sampled_from("abcdefgh"))


@given(st.lists(st.tuples(names, st.booleans()), max_size=60))
def test_the_newest_are_known_with_their_own_answers_and_the_oldest_are_forgotten(steps) -> None:
    answers, expected = Answers(capacity=4), {}
    for (verb, request_id), finished in steps:
        if (verb, request_id) not in expected:
            answers.begin(verb, request_id)
            expected[verb, request_id] = None
            expected = dict(list(expected.items())[-4:])
        if finished:
            answer = Answer(detail=f"{verb} {request_id}")
            answers.finish(verb, request_id, answer)
            expected[verb, request_id] = answer
    for verb in ("test", "standby"):
        for request_id in "abcdefgh":
            known = (verb, request_id) in expected
            assert answers.knows(verb, request_id) == known
            assert answers.of(verb, request_id) == expected.get((verb, request_id))
