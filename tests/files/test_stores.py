"""A folder and an S3-compatible store keep files alike: whole, once, under their fingerprint."""

import hashlib
import io

import pytest

from workbench.files.stores import FolderStore, StoreMissing, open_store

BIG = bytes(range(256)) * 20_000


@pytest.fixture(scope="module")
def s3_server():
    """A server that speaks S3, on a free port of this machine."""
    pytest.importorskip("boto3", reason="the extra s3 is not installed")
    pytest.importorskip("flask_cors", reason="the server of moto needs flask-cors")
    server = pytest.importorskip("moto.server", reason="moto, the S3 server of the tests, is not installed")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def s3_url(s3_server, monkeypatch):
    import boto3

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "only-for-tests")
    boto3.client("s3", endpoint_url=s3_server, region_name="us-east-1").create_bucket(Bucket="papers")
    return f"s3://papers/spine?endpoint={s3_server}&region=us-east-1"


@pytest.fixture(params=["folder", "s3"])
def store(request, tmp_path):
    url = request.getfixturevalue("s3_url") if request.param == "s3" else ""
    return open_store(tmp_path, url)


def test_what_is_kept_is_read_back_under_its_fingerprint(store):
    sha256 = store.put(io.BytesIO(BIG))

    assert sha256 == hashlib.sha256(BIG).hexdigest() == store.put(BIG)
    assert store.size(sha256) == len(BIG) and store.get(sha256) == BIG
    with store.open(sha256) as file:
        file.seek(300)
        assert file.read(5) == BIG[300:305]


def test_what_is_not_there_is_said(store):
    for ask in (store.size, store.get, store.open):
        with pytest.raises(FileNotFoundError):
            ask("0" * 64)


def test_bytes_that_somebody_changed_in_the_store_are_not_handed_out(s3_url, tmp_path):
    store = open_store(tmp_path, s3_url)
    sha256 = store.put(b"as it was")
    store.client.put_object(Bucket=store.bucket, Key=store.key(sha256), Body=b"as somebody made it")

    with pytest.raises(FileNotFoundError, match="other bytes"):
        store.open(sha256)


def test_nothing_of_a_file_is_left_on_this_machine(s3_url, tmp_path):
    store = open_store(tmp_path, s3_url)
    store.get(store.put(BIG))

    assert list((tmp_path / "files").iterdir()) == []


def test_the_address_of_the_store_is_a_setting(tmp_path, monkeypatch):
    assert isinstance(open_store(tmp_path), FolderStore)
    monkeypatch.setenv("WORKBENCH_FILES_URL", "ftp://papers")
    with pytest.raises(StoreMissing, match="ftp"):
        open_store(tmp_path)
