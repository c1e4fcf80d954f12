"""PubMed over the network: spaced, patient, silent about the key, and whole beyond 9,999 records."""

import logging
import socket
from urllib.parse import urlsplit

import pytest

from tests.eutils import (
    NOT_ENOUGH,
    PAGE,
    Eutils,
    api_key_invalid,
    fine,
    forgets,
    says,
    serving,
    some,
    status,
)
from workbench.records.entrez import Access, BadSetting, NoAnswer, Pace, Patience, PubMed, Refused, Transport
from workbench.records.lookup import NoIdentifier, look_up

KEY = "0123456789abcdef0123456789abcdef0123"


class Clock:
    """A clock that goes on only when somebody sleeps, and knows how long."""

    def __init__(self):
        self.time, self.slept = 1000.0, []

    def __call__(self):
        return self.time

    def sleep(self, seconds):
        self.slept.append(round(seconds, 2))
        self.time += seconds


@pytest.fixture
def held():
    with serving(Eutils(some(450), dois={30_000_001: "10.5555/One"})) as server:
        yield server


@pytest.fixture
def clock():
    return Clock()


def pubmed(held, clock, key="", **patience):
    access = Access(held.url, "team@example.org", key, "tests")
    return PubMed(Transport(access, Patience(**patience), Pace(clock, clock.sleep), draw=lambda: 0.0))


def test_a_search_brings_the_count_and_how_the_words_were_understood(held, clock):
    found = pubmed(held, clock).search("cement AND (vertebrae OR nosuchword)", most=3)

    assert (found.count, len(found.uids)) == (450, 3)
    assert found.translation == "cement AND (vertebrae OR nosuchword) as understood"
    assert found.errors == (("PhraseNotFound", "nosuchword"),)
    assert found.warnings == (("QuotedPhraseNotFound", "nosuchword"), ("OutputMessage", "No items found."))


def test_tool_and_address_are_told_and_every_request_is_a_post(held, clock):
    pubmed(held, clock).search("cement")
    pubmed(held, clock, KEY).search("cement")

    assert [one.method for one in held.asked] == ["POST", "POST"]
    assert [(one.values["tool"], one.values["email"]) for one in held.asked] == [("tests", "team@example.org")] * 2
    assert "api_key" not in held.asked[0].values and held.asked[1].values["api_key"] == KEY


def test_without_an_address_none_is_sent_and_nobody_is_warned(held, clock, recwarn):
    PubMed(Transport(Access(held.url), pace=Pace(clock, clock.sleep))).search("cement")

    assert "email" not in held.asked[0].values and not recwarn.list


@pytest.mark.parametrize(("key", "apart"), [("", 0.34), (KEY, 0.1)])
def test_requests_are_spaced_as_ncbi_asks(held, clock, key, apart):
    asking = pubmed(held, clock, key)
    for _ in range(4):
        asking.search("cement")

    assert clock.slept == [apart] * 3


def test_a_server_that_is_too_busy_is_left_alone_as_long_as_it_asks(held, clock):
    held.mishaps = [status(429, '{"error":"API rate limit exceeded","count":"11"}', Retry_After="7"), fine]

    assert pubmed(held, clock).search("cement").count == 450

    assert clock.slept == [7.0]


@pytest.mark.parametrize(
    "mishap", [status(500), status(502, PAGE), says(PAGE), says(NOT_ENOUGH), says("<eSearchResult><Count>1")]
)
def test_a_passing_trouble_is_waited_out(held, clock, mishap):
    held.mishaps = [mishap, mishap, mishap, mishap, fine]

    assert pubmed(held, clock).search("cement").count == 450

    assert clock.slept == [1.0, 2.0, 4.0, 8.0]
    assert len(held.asked) == 5


def test_after_five_tries_it_is_given_up_with_a_clear_word(held, clock):
    held.always["esearch"] = status(500, "<ERROR>out of memory</ERROR>")

    with pytest.raises(NoAnswer, match=r"did not answer, tried 5 times: status 500, out of memory\.") as caught:
        pubmed(held, clock).search("cement")

    assert "Try again" in caught.value.way_out and len(held.asked) == 5


def test_a_server_that_asks_for_an_hour_is_not_waited_for(held, clock):
    held.always["esearch"] = status(429, Retry_After="3600")

    with pytest.raises(NoAnswer, match="left alone for 3600 seconds"):
        pubmed(held, clock).search("cement")

    assert len(held.asked) == 1 and clock.slept == []


def test_a_moment_to_come_back_is_understood_too(held, clock):
    held.mishaps = [status(503, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"), fine]

    assert pubmed(held, clock).search("cement").count == 450


def test_an_error_in_an_answer_of_200_is_told_and_not_tried_again(held, clock):
    held.always["esearch"] = says(
        "<eSearchResult><ERROR>Empty term and query_key - nothing todo</ERROR></eSearchResult>"
    )

    with pytest.raises(Refused, match="PubMed says: Empty term"):
        pubmed(held, clock).search("")

    assert len(held.asked) == 1


def test_without_a_network_the_error_says_so(clock):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = Eutils({}, url=f"http://127.0.0.1:{taken.getsockname()[1]}/")
        with pytest.raises(NoAnswer, match="tried 2 times: Connection refused"):
            pubmed(closed, clock, tries=2).search("cement")


def test_a_server_that_never_answers_is_given_up(clock):
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        silent = Eutils({}, url=f"http://127.0.0.1:{mute.getsockname()[1]}/")
        with pytest.raises(NoAnswer, match="no answer in time"):
            pubmed(silent, clock, tries=1, timeout=0.2).search("cement")


def test_the_key_is_in_no_log_no_address_and_no_error(held, clock, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    held.mishaps = [status(500), fine, api_key_invalid]
    asking = pubmed(held, clock, KEY)
    asking.search("cement")

    with pytest.raises(Refused) as caught:
        asking.search("cement")

    told = [str(caught.value), repr(asking), repr(caught.value), caplog.text, *capfd.readouterr()]
    told += [urlsplit(one.address).query for one in held.asked]
    assert "API key invalid: [key]" in str(caught.value)
    assert [text for text in told if KEY in text] == []


def test_an_answer_may_define_no_entities(held, clock):
    bomb = '<!DOCTYPE a [<!ENTITY x "ha">]><eSearchResult><Count>1</Count>&x;</eSearchResult>'
    held.always["esearch"] = says(bomb)

    with pytest.raises(NoAnswer, match="entities"):
        pubmed(held, clock, tries=1).search("cement")


def test_records_are_fetched_200_at_a_time_whatever_the_order(held, clock):
    whole = pubmed(held, clock).whole("cement")
    batches = list(pubmed(held, clock).fetch(reversed(whole.parts[0].uids)))

    assert [len(batch.uids) for batch in batches] == [200, 200, 50]
    assert sorted(uid for batch in batches for uid in batch.uids) == sorted(held.titles)
    assert held.utilities() == ["esearch", "epost", "efetch", "efetch", "efetch"]


def test_a_list_that_pubmed_forgot_is_handed_in_again(held, clock):
    held.mishaps = [fine, fine, forgets, fine]

    batches = list(pubmed(held, clock).fetch(held.titles))

    assert sorted(uid for batch in batches for uid in batch.uids) == sorted(held.titles)
    assert held.utilities() == ["epost", "efetch", "efetch", "epost", "efetch", "efetch"]


def test_what_pubmed_does_not_deliver_is_asked_for_by_number_and_then_named(held, clock):
    held.hidden = {30_000_008, 30_001_443}

    batches = list(pubmed(held, clock).fetch(held.titles))

    assert sorted(uid for batch in batches for uid in batch.uids) == sorted(set(held.titles) - held.hidden)
    assert [set(batch.missing) for batch in batches if batch.missing] == [held.hidden]
    assert held.asked[-1].values["id"] == "30000008,30001443"


def test_more_than_9999_records_come_in_parts_that_add_up(clock):
    with serving(Eutils(some(23_456))) as held:
        whole = pubmed(held, clock, KEY).whole("cement")

        numbers = [uid for part in whole.parts for uid in part.uids]
        assert whole.is_even and whole.found.count == 23_456
        assert sorted(numbers) == sorted(held.titles)
        assert all(len(part.uids) <= 9_999 for part in whole.parts)
        assert all(part.low <= uid <= part.high for part in whole.parts for uid in part.uids)
        assert len(held.asked) <= 30


def test_records_that_arrive_while_it_is_counted_are_not_overlooked(clock):
    with serving(Eutils(some(12_000))) as held:

        def one_more(handler, _asked):
            handler.server.held.titles[20_000_000] = "Cement, just published"
            return False

        held.mishaps = [fine, fine, fine, fine, fine, one_more]
        whole = pubmed(held, clock).whole("cement")

        assert whole.is_even and whole.found.count == 12_001


def test_a_difference_that_stays_is_left_to_the_caller(clock):
    with serving(Eutils(some(12_000))) as held:
        numbers = iter(range(20_000_000, 20_001_000))

        def always_more(handler, asked):
            if "[uid]" not in asked.values["term"]:
                handler.server.held.titles[next(numbers)] = "Cement, just published"
            return False

        held.always["esearch"] = always_more
        whole = pubmed(held, clock).whole("cement")

        assert not whole.is_even and whole.found.count == whole.listed + 1


def test_the_settings_come_from_the_environment():
    told = {
        "WORKBENCH_PUBMED_URL": "http://127.0.0.1:1/",
        "WORKBENCH_PUBMED_API_KEY": KEY,
        "WORKBENCH_PUBMED_EMAIL": " ",
    }

    access = Access.configured(told)

    assert (access.base, access.key, access.email) == ("http://127.0.0.1:1/", KEY, "")
    assert Access.configured({}).base.startswith("https://eutils.ncbi.nlm.nih.gov/")
    with pytest.raises(BadSetting):
        Access.configured({"WORKBENCH_PUBMED_URL": "file:///etc/passwd"})


def test_a_record_is_looked_up_by_doi_or_number(held, clock):
    asking = pubmed(held, clock)

    by_doi = look_up(asking, doi="https://doi.org/10.5555/ONE")
    by_number = look_up(asking, pmid=" 30000008 ")

    assert (by_doi.pmid, by_doi.doi, by_doi.title) == ("30000001", "10.5555/one", "Cement trial 0 of vertebrae")
    assert by_number.pmid == "30000008" and by_number.journal == "Spine"


def test_a_book_is_looked_up_like_an_article(held, clock):
    held.books = {30_000_015}

    assert look_up(pubmed(held, clock), pmid="30000015").pmid == "30000015"


def test_what_pubmed_does_not_hold_is_nothing_and_what_is_no_identifier_is_refused(held, clock):
    asking = pubmed(held, clock)

    assert look_up(asking, pmid="1") is None
    assert look_up(asking, doi="10.5555/other") is None
    for given in ({"doi": "spine"}, {"pmid": "12 OR all"}, {}):
        with pytest.raises(NoIdentifier):
            look_up(asking, **given)


def test_a_record_found_by_other_words_is_not_taken_for_the_one_looked_up(held, clock, monkeypatch):
    monkeypatch.setattr(held, "find", lambda _term: [30_000_008])

    assert look_up(pubmed(held, clock), doi="10.5555/one") is None
