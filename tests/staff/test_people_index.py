import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from staff import people_index
from staff.people_index import NotReady, PeopleIndex, fits, fold, index_of
from storage import participants, people_changes
from storage.db import Store
from tests.staff.conftest import Office


def search(office: Office, text: str, *units: str, index: PeopleIndex | None = None) -> list[str]:
    ids = [office.unit(slug) for slug in units] if units else None
    with office.store.read() as tx:
        found = (index or index_of(office.store)).search(office.store, tx, text, ids)
        return [str(participants.profile(tx, each)["name"]) for each in found]


@pytest.mark.parametrize(("text", "words"), [
    ("Åsa Öberg", ["asa", "oberg"]), ("ÄNGLA-Märta", ["angla", "marta"]), ("Łukasz Straße", ["lukasz", "strasse"]),
    ("Søren Æ", ["soren", "ae"]), ("أحمد", ["احمد"]), ("  ", []), ("O'Neil", ["o", "neil"]), ("ﬁa", ["fia"]),
])  # fmt: skip
def test_words_are_folded(text: str, words: list[str]) -> None:
    assert fold(text) == words


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=30))
def test_folding_a_fold_changes_nothing(text: str) -> None:
    assert fold(" ".join(fold(text))) == fold(text)


def test_names_are_found_by_how_their_words_begin(office_on_both: Office) -> None:
    office = office_on_both
    for name in ("Kim Andersson", "Kim Åkesson", "Åsa Kimberg", "Öyvind", "Kimmo"):
        office.person(name=name)
    office.person("pitea", name="Kim Piteå")
    office.person(None, name="Kim Ingenstans")
    assert search(office, "kim") == [
        "Åsa Kimberg", "Kim Åkesson", "Kim Andersson", "Kim Ingenstans", "Kim Piteå", "Kimmo",
    ]  # fmt: skip
    assert search(office, "KIM a") == ["Åsa Kimberg", "Kim Åkesson", "Kim Andersson"]
    assert search(office, "akes kim") == ["Kim Åkesson"]
    assert search(office, "øyv") == ["Öyvind"]
    assert search(office, "kim", "pitea") == ["Kim Ingenstans", "Kim Piteå"]
    assert search(office, "kim kim") == []
    assert search(office, "...") == []


def test_the_index_keeps_up_with_whoever_changes_a_person(office_on_both: Office) -> None:
    office = office_on_both
    kim = office.person(name="Kim")
    other = PeopleIndex()  # another process's
    assert search(office, "kim") == search(office, "kim", index=other) == ["Kim"]
    with office.store.begin() as tx:
        participants.set_profile(tx, kim, name="Kaj", phone="+46701740601")
    assert search(office, "kim") == search(office, "kim", index=other) == []
    assert search(office, "kaj") == search(office, "kaj", index=other) == ["Kaj"]
    with office.store.begin() as tx:
        participants.set_unit(tx, kim, office.unit("pitea"))
    assert (search(office, "kaj", "alvsbyn"), search(office, "kaj", "pitea")) == ([], ["Kaj"])
    with office.store.read() as tx:
        assert index_of(office.store).with_phone(office.store, tx, "+46701740601", None) == [kim]
        assert index_of(office.store).with_phone(office.store, tx, "+46701740601", [office.unit("alvsbyn")]) == []
    with office.store.begin() as tx:
        participants.set_protected(tx, kim)
    assert search(office, "kaj") == search(office, "kaj", index=other) == []
    sam = office.person(name="Sam")
    assert search(office, "sam") == ["Sam"]
    with office.store.begin() as tx:
        participants.erase(tx, sam, office.now)
    assert search(office, "sam") == search(office, "sam", index=other) == []


def test_a_change_that_is_rolled_back_is_none(office: Office) -> None:
    kim = office.person(name="Kim")
    assert search(office, "kim") == ["Kim"]

    def broken_off() -> None:
        with office.store.begin() as tx:
            participants.set_profile(tx, kim, name="Kaj")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_off()
    assert search(office, "kaj") == []
    with office.store.begin() as tx:
        participants.set_profile(tx, kim, name="Kaj")
    assert search(office, "kaj") == ["Kaj"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["Åsa Ek", "Asa Öst", "Kim Ek", "Kim", ""])), max_size=12),
    st.sampled_from(["a", "asa", "k e", "ek", "kim", "ö"]),
)
def test_it_finds_what_looking_at_everybody_would(
    sqlite_store: Store, changes: list[tuple[int, str]], text: str
) -> None:
    office = Office(sqlite_store)
    index = index_of(office.store)
    with office.store.begin() as tx:
        people = [participants.create(tx, office.now)[0] for _ in range(6)]
    for place, name in changes:
        with office.store.begin() as tx:
            participants.set_profile(tx, people[place], name=name)
        search(office, "x")
    with office.store.read() as tx:
        found = [who for who in index.search(office.store, tx, text, None) if who in people]
        names = {who: str(participants.profile(tx, who).get("name", "")) for who in people}
    assert set(found) == {who for who, name in names.items() if fits(fold(text), fold(name))}
    fresh = PeopleIndex()
    fresh.build(office.store)
    with office.store.read() as tx:
        assert [who for who in fresh.search(office.store, tx, text, None) if who in people] == found


def test_a_search_does_not_build_the_index_itself(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.person(name="Kim")
    index, threads, was = PeopleIndex(), [], PeopleIndex.build

    def build(self: PeopleIndex, store: Store) -> int:
        threads.append(threading.current_thread())
        return was(self, store)

    monkeypatch.setattr(PeopleIndex, "build", build)
    assert search(office, "kim", index=index) == ["Kim"]
    assert threads != []
    assert threading.main_thread() not in threads


def test_an_index_that_takes_long_says_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_index, "PATIENCE", 0.0)
    monkeypatch.setattr(PeopleIndex, "build", lambda self, store: 0)
    with pytest.raises(NotReady):
        search(office, "kim", index=PeopleIndex())


def test_many_changes_are_left_to_the_indexs_own_thread(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    index = PeopleIndex()
    assert search(office, "kim", index=index) == []
    monkeypatch.setattr(people_index, "MANY", 2)
    for _ in range(3):
        office.person(name="Kim")
    search(office, "kim", index=index)
    assert index._builder is not None
    index._builder.join(10)
    assert search(office, "kim", index=index) == ["Kim", "Kim", "Kim"]


def test_each_person_is_kept_once_among_the_changes(store: Store) -> None:
    office = Office(store)
    kim = office.person(name="Kim")
    for name in ("Kaj", "Kit", "Kim"):
        with office.store.begin() as tx:
            participants.set_profile(tx, kim, name=name)
    with office.store.read() as tx:
        changed = people_changes.since(tx, 0)
    assert list(changed.values()).count(kim) == 1
