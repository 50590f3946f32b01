"""A room of learners on this machine: seats, the build that all start at once, hostile ones, a hub that is killed."""

import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.hub.learners import Learner, Lost
from tests.hub.room import STATE, room_command

pytestmark = pytest.mark.room


@pytest.fixture(scope="module")
def three(room) -> list[Learner]:
    learners = [room.learner(name) for name in ("ada", "grace", "mary-ann")]
    with ThreadPoolExecutor(len(learners)) as together:
        for seconds in together.map(Learner.sit, learners):
            print(f"a seat after {seconds:.1f} s")
        list(together.map(lambda learner: learner.open("01_meet_a_wheel.ipynb"), learners))
    return learners


def test_three_learners_build_the_wheel_at_once(three):
    began = time.monotonic()
    with ThreadPoolExecutor(len(three)) as together:
        printed = list(together.map(lambda learner: learner.run(learner.prepare()), three))
    print(f"all three have their wheel after {time.monotonic() - began:.1f} s")
    assert all("Successfully built septembrse" in text for text in printed)


def test_the_compiler_does_not_work_again_on_what_the_image_holds(three):
    again = """
import json, subprocess
from pathlib import Path
folder = next(Path("example_project").glob("_skbuild/*/cmake-build"))
for command in ("sccache --zero-stats", f"ninja -C {folder} -t clean", f"ninja -C {folder}"):
    subprocess.run(command.split(), check=True, capture_output=True)
told = json.loads(subprocess.run(["sccache", "--show-stats", "--stats-format=json"], capture_output=True).stdout)
print(sum(told["stats"]["cache_hits"]["counts"].values()), sum(told["stats"]["cache_misses"]["counts"].values()))
"""
    assert three[0].run(again).split() == ["1", "0"]


def test_nothing_listens_beyond_the_loopback_and_the_bridge_of_the_room(three):
    if os.geteuid():
        pytest.fail("only root sees whose listeners these are; run it as root")
    heard = subprocess.run(["ss", "-ltnH"], capture_output=True, text=True, check=True).stdout
    addresses = {line.split()[3].rpartition(":")[0] for line in heard.splitlines()}
    assert addresses == {"127.0.0.1", "10.89.78.1"}


def test_a_learners_container_leads_to_the_hub_and_nowhere_else(three):
    three[0].run("import socket, urllib.request")
    routes = three[0].run("print([line.split()[1] for line in open('/proc/net/route').read().splitlines()[1:]])")
    assert routes.strip() == "['004E590A']"  # 10.89.78.0, and no way out of it
    answer = three[0].run("import os; print(urllib.request.urlopen(os.environ['JUPYTERHUB_API_URL']).status)")
    assert answer.strip() == "200"


def test_a_learner_is_nobody_special_in_there(three):
    told = three[0].run("print(open('/proc/self/status').read())")
    assert re.search(r"^Uid:\s+1000\b", told, re.MULTILINE)
    assert re.search(r"^CapEff:\s+0+$", told, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\s+1$", told, re.MULTILINE)
    with pytest.raises(Lost, match="Read-only file system"):
        three[0].run("from pathlib import Path; Path.home().joinpath('anything').write_text('')")


def test_the_server_of_another_is_closed(room, three):
    other = three[0].session.get(f"{room.address}/user/grace/api/contents", timeout=60)
    assert other.status_code in (403, 404)


@pytest.mark.parametrize(
    ("hostile", "ending"),
    [
        ('held = [b"x" * 50_000_000 for _ in range(100)]', "the kernel died"),
        ("import pathlib\nwith open(pathlib.Path.home() / 'desk' / 'big', 'wb') as file:\n"
         "    for _ in range(2000): file.write(bytes(1_000_000)); file.flush()", "No space left on device"),
        ("import os, time\ntry:\n    for _ in range(5000):\n        if os.fork() == 0: time.sleep(20); os._exit(0)\n"
         "except OSError as limit: raise SystemExit(str(limit))", "Resource temporarily unavailable"),
    ],
    ids=["memory", "disk", "processes"],
)  # fmt: skip
def test_the_others_do_not_notice_a_hostile_learner(room, three, hostile, ending):
    victim, other = room.learner("mallory"), three[1]
    victim.sit()
    victim.open("01_meet_a_wheel.ipynb")
    with ThreadPoolExecutor(1) as meanwhile:
        attack = meanwhile.submit(victim.run, hostile, 30)
        for number in range(5):
            assert other.run(f"print({number} + 1)").strip() == str(number + 1)
            time.sleep(1)
        with pytest.raises(Lost, match=ending):
            attack.result()
    assert other.run("print('still here')").strip() == "still here"


def test_a_hub_that_is_killed_comes_back_and_nobody_loses_a_kernel_or_a_file(room, three):
    for learner in three:
        learner.run("from pathlib import Path\nkept = 41\nPath.home().joinpath('desk', 'mine.txt').write_text('mine')")
    room.kill_hub()
    assert three[0].run("print(kept + 1)").strip() == "42"  # the proxy leads there without it
    time.sleep(2)
    room.wait()
    assert "is started again" in room.log.read_text()
    assert [learner.run("print(kept + 1)").strip() for learner in three] == ["42"] * 3
    late = room.learner("late")
    late.sit()


def test_files_outlive_the_container_and_the_hub(room, three):
    three[0].run("from pathlib import Path\nPath.home().joinpath('desk', 'outlives.txt').write_text('it does')")
    room.stop()
    assert room_command("stop").returncode == 0
    room.start()
    again = room.learner("ada")
    again.sit()
    again.open("01_meet_a_wheel.ipynb")
    kept = again.run("from pathlib import Path; print(Path.home().joinpath('desk', 'outlives.txt').read_text())")
    assert kept.strip() == "it does"


def pull(learner: Learner, link: str) -> str:
    """Open a link of nbgitpuller as a browser does, and return what the page would say."""
    what = {key: value[0] for key, value in parse_qs(urlsplit(link).query).items()}
    asked = what | {"targetpath": what["targetPath"], "_xsrf": learner.xsrf}
    return learner.session.get(f"{learner.home}/git-pull/api", params=asked, timeout=120).text


def test_a_link_brings_newer_pages_and_leaves_a_learners_work(room):
    learner = room.learner("ada")
    learner.sit()
    learner.open("01_meet_a_wheel.ipynb")
    link = re.search(r"http\S+git-pull\S+", room_command("desk").stdout)[0]
    assert '"phase": "finished"' in pull(learner, link)
    learner.run("import pathlib; newer = pathlib.Path.home() / 'desk' / 'newer'")
    learner.run("for name in ('00_start_here.ipynb', 'notes.txt'): (newer / name).write_text('mine')")
    corrected = STATE / "pages/desk/01_meet_a_wheel.ipynb"
    corrected.write_text(corrected.read_text().replace("Meet a wheel", "Meet one wheel"))
    assert '"phase": "finished"' in pull(learner, re.search(r"http\S+git-pull\S+", room_command("desk").stdout)[0])
    there = "print([(newer / name).read_text() for name in ('00_start_here.ipynb', 'notes.txt')],"
    there += " 'Meet one wheel' in (newer / '01_meet_a_wheel.ipynb').read_text())"
    assert learner.run(there).strip() == "['mine', 'mine'] True"


def test_who_does_not_know_the_word_stays_outside(room):
    stranger = room.learner("stranger")
    stranger.word = "not the word"
    assert stranger.log_in().status_code == 403


def test_the_facilitator_sees_progress_only_where_the_page_says_so(room, tmp_path):
    refused = room_command("progress")
    assert refused.returncode == 1
    assert "started without it" in refused.stderr
    assert "can see which exercises" not in room.learner("x").session.get(f"{room.address}/hub/login", timeout=60).text
    room.stop()
    (tmp_path / "names").write_text("ada\ngrace\n")
    room.start("--progress", "--names", str(tmp_path / "names"))
    assert "can see which exercises" in room.learner("x").session.get(f"{room.address}/hub/login", timeout=60).text
    assert room.learner("nobody").log_in().status_code == 403
    ada = room.learner("ada")
    ada.sit()
    ada.open("01_meet_a_wheel.ipynb")
    ada.run("from pathlib import Path\nPath.home().joinpath('desk', '.progress.json').write_text("
            "'{\"01\": {\"a\": {\"tries\": 1, \"done\": \"2026-11-26\"}, \"b\": {\"tries\": 2}}}')")  # fmt: skip
    told = room_command("progress")
    assert re.search(r"^ada\s+chapter 1: 1$", told.stdout, re.MULTILINE), told


def test_a_server_that_nobody_uses_ends(room):
    room.stop()
    room.start("--idle", "15")
    idle = room.learner("ada")
    idle.sit()
    idle.ask("PUT", "contents/desk/kept.txt", json={"type": "file", "format": "text", "content": "mine"})
    for _ in range(120):
        if re.search(r"Start\s+My Server", idle.session.get(f"{room.address}/hub/home", timeout=60).text):
            break
        time.sleep(1)
    else:
        pytest.fail("it still runs after two minutes")
    idle.sit()  # and a new one brings its files back
    assert idle.ask("GET", "contents/desk/kept.txt")["content"] == "mine"
