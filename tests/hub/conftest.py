"""The room that the tests share."""

from collections.abc import Callable, Iterator

import pytest

from tests.hub.room import Room, take_away


@pytest.fixture(scope="session")
def new_room(tmp_path_factory) -> Iterator[Callable[[], Room]]:
    rooms: list[Room] = []

    def make() -> Room:
        rooms.append(Room(tmp_path_factory.mktemp("room") / "log"))
        return rooms[-1]

    take_away()
    yield make
    for room in rooms:
        if room.process is not None and room.process.poll() is None:
            room.stop()
    take_away()


@pytest.fixture(scope="module")
def room(new_room) -> Room:
    one = new_room()
    one.start()
    return one
