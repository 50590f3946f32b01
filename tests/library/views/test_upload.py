"""A file that comes in parts is put together, and what does not belong to it is left out."""

import pytest

from wheel_lab.views.upload import LIMIT, PART, Upload

NAME = "tiny-1.0-py3-none-any.whl"


class Sent(Upload):
    """An upload field that keeps what it sends to the page."""

    def __init__(self, *arguments, **more) -> None:
        self.sent: list[dict] = []
        super().__init__(*arguments, **more)

    def send(self, content, buffers=None) -> None:
        self.sent.append(content)

    def get(self, data: bytes, offset: int, *, size: int, name: str = NAME, number: int = 1) -> None:
        """Take a part as it comes from the page."""
        content = {"number": number, "name": name, "size": size, "offset": offset}
        self._handle_custom_msg(content, [memoryview(data)])


@pytest.fixture
def done() -> list:
    return []


@pytest.fixture
def field(tmp_path, done) -> Sent:
    return Sent(
        tmp_path / "new" / "folder", "A file:", lambda name: "" if name == NAME else f"Not {name}.", done.append
    )


def test_parts_become_a_file(tmp_path, field, done):
    for offset, data in ((0, b"abc"), (3, b"def"), (6, b"g")):
        assert done == []
        field.get(data, offset, size=7)
    assert done == [tmp_path / "new" / "folder" / NAME]
    assert done[0].read_bytes() == b"abcdefg"
    assert field.sent == [{"number": 1, "offset": offset} for offset in (3, 6, 7)]


def test_an_empty_file_is_a_file(field, done):
    field.get(b"", 0, size=0)
    assert [path.read_bytes() for path in done] == [b""]


def test_a_second_choice_ends_the_first_upload(field, done):
    field.get(b"abc", 0, size=6)
    field.get(b"xy", 0, size=4, number=2)
    field.get(b"def", 3, size=6)  # of the first one
    field.get(b"z!", 2, size=4, number=2)
    assert [path.read_bytes() for path in done] == [b"xyz!"]


def test_a_part_that_comes_twice_is_taken_once(field, done):
    field.get(b"abc", 0, size=6)
    field.get(b"def", 3, size=6)
    field.get(b"def", 3, size=6)
    assert [path.read_bytes() for path in done] == [b"abcdef"]


def test_what_is_not_wanted_is_refused_before_anything_is_kept(tmp_path, field, done):
    field.get(b"abc", 0, size=3, name="notes.txt")
    field.get(b"abc", 0, size=LIMIT + 1)
    assert [one["refused"] for one in field.sent] == ["Not notes.txt.", "The file is too large."]
    assert done == []
    assert list(tmp_path.iterdir()) == []


def test_a_file_never_leaves_the_folder(tmp_path, field, done):
    field.get(b"abc", 0, size=3, name=f"../../{NAME}")
    assert done == [tmp_path / "new" / "folder" / NAME]


def test_a_full_or_closed_folder_is_a_sentence(tmp_path, field, done):
    (tmp_path / "new").write_text("a file where a folder should be")
    field.get(b"abc", 0, size=3)
    assert done == []
    assert field.sent[0]["refused"].startswith("The file cannot be kept: ")


def test_a_part_is_smaller_than_what_the_server_takes_in_one_message():
    from tornado.websocket import _default_max_message_size  # Jupyter's server sets no other

    assert _default_max_message_size > 2 * PART
