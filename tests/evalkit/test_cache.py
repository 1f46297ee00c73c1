"""A video is decoded once, whoever asks and whatever happens to the folder in between."""

import errno
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from evalkit.errors import EvalkitError
from evalkit.media import entry as entry_module
from evalkit.media import hashes as hashes_module
from evalkit.media.cache import CacheCounts, FrameCache
from evalkit.media.errors import MediaError
from evalkit.media.hashes import Hashes
from evalkit.media.prefetch import prefetch
from evalkit.media.video import Sampling
from tests.evalkit.made_media import number_in, write_video

ROOT = Path(__file__).parents[2]

#: Seconds that anything may take on a busy machine.
PATIENCE_S = 300.0


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return write_video(tmp_path / "videos" / "a.mp4", 20)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def counts(root: Path, *videos: Path, frames: int = 4) -> CacheCounts:
    """Ask once for each video in a run of its own."""
    with FrameCache(root) as cache:
        for video in videos:
            cache.video(video, Sampling(frames))
        return cache.counts


def test_each_video_is_decoded_once_however_many_questions(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = []
    real = entry_module.decode

    def counting(path, sampling, keep):
        decoded.append(path.name)
        return real(path, sampling, keep)

    monkeypatch.setattr(entry_module, "decode", counting)
    videos = [
        write_video(tmp_path / f"{name}.mp4", 20 + number) for number, name in enumerate("abc")
    ]
    with FrameCache(root) as cache:
        for _ in range(18):
            for path in videos:
                cache.video(path, Sampling(4))
        assert cache.counts == CacheCounts(decoded=3)
    assert decoded == ["a.mp4", "b.mp4", "c.mp4"]
    assert counts(root, *videos) == CacheCounts(reused=3)
    assert len(decoded) == 3


def test_the_same_content_elsewhere_is_not_decoded_again(video: Path, root: Path) -> None:
    copy = video.with_name("copy.mp4")
    copy.write_bytes(video.read_bytes())
    assert counts(root, video, copy) == CacheCounts(decoded=1, reused=1)


def test_sampling_and_content_make_the_entry(video: Path, root: Path) -> None:
    with FrameCache(root) as cache:
        few, many = cache.video(video, Sampling(4)), cache.video(video, Sampling(8))
        small = cache.video(video, Sampling(4, 96))
        assert cache.counts.decoded == 3
    assert len({few.id, many.id, small.id}) == 3
    content = hashlib.sha256(video.read_bytes()).hexdigest()
    assert few.id == hashlib.sha256(f"{content} uniform-4".encode()).hexdigest()


def test_a_video_that_changed_is_decoded_again(video: Path, root: Path) -> None:
    with FrameCache(root) as cache:
        assert cache.video(video, Sampling(4)).total_frames == 20
    write_video(video, 30)
    with FrameCache(root) as cache:
        assert cache.video(video, Sampling(4)).total_frames == 30


def test_what_comes_from_the_folder_equals_what_was_decoded(video: Path, root: Path) -> None:
    with FrameCache(root) as cache:
        first = cache.video(video, Sampling(4))
    with FrameCache(root) as cache:
        assert cache.video(video, Sampling(4)) == first


def _cut(folder: Path) -> None:
    frame = next(folder.glob("*.png"))
    frame.write_bytes(frame.read_bytes()[:-1])


def _flip(folder: Path) -> None:
    frame = next(folder.glob("*.png"))
    content = bytearray(frame.read_bytes())
    content[len(content) // 2] ^= 1
    frame.write_bytes(content)


def _edit(folder: Path, **changes: object) -> None:
    path = folder / "entry.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(_cut, id="frame cut"),
        pytest.param(_flip, id="one bit of a frame"),
        pytest.param(lambda folder: next(folder.glob("*.png")).unlink(), id="frame gone"),
        pytest.param(lambda folder: (folder / "entry.json").unlink(), id="no entry.json"),
        pytest.param(lambda folder: (folder / "entry.json").write_text("{"), id="half of it"),
        pytest.param(lambda folder: (folder / "entry.json").write_text("[1]"), id="a list"),
        pytest.param(lambda folder: _edit(folder, fps="fast"), id="no number"),
        pytest.param(lambda folder: _edit(folder, indices=[0, 1]), id="other frames"),
        pytest.param(lambda folder: _edit(folder, files={}), id="no files"),
    ],
)
def test_damaged_entries_are_made_again(
    video: Path, root: Path, damage: Callable[[Path], object]
) -> None:
    with FrameCache(root) as cache:
        first = cache.video(video, Sampling(4))
    before = [path.read_bytes() for path in first.frames]
    damage(first.frames[0].parent)
    assert counts(root, video) == CacheCounts(decoded=1, repaired=1)
    assert [path.read_bytes() for path in first.frames] == before
    assert counts(root, video) == CacheCounts(reused=1)


def test_a_bad_video_fails_once_and_is_told_each_time(video: Path, root: Path) -> None:
    video.write_bytes(video.read_bytes()[:500])
    with FrameCache(root) as cache:
        for _ in range(3):
            with pytest.raises(MediaError) as caught:
                cache.video(video, Sampling(4))
            assert caught.value.code == "truncated"
        with pytest.raises(MediaError, match="no such file"):
            cache.video(video.with_name("none.mp4"), Sampling(4))
        assert cache.counts == CacheCounts(failed=2)
    assert list((root / "partial").glob("*")) == []


def test_threads_that_ask_at_once_decode_once(video: Path, root: Path) -> None:
    with FrameCache(root) as cache, ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: cache.video(video, Sampling(4)), range(32)))
        assert cache.counts == CacheCounts(decoded=1)
    assert len(set(found)) == 1


ASK = """
import sys
from pathlib import Path
from evalkit.media.cache import FrameCache
from evalkit.media.video import Sampling
root, *videos = map(Path, sys.argv[1:])
with FrameCache(root) as cache:
    for video in videos:
        cache.video(video, Sampling(8))
    print(cache.counts.decoded)
"""


def test_processes_that_ask_at_once_decode_once(tmp_path: Path, root: Path) -> None:
    videos = [write_video(tmp_path / f"{number}.mp4", 200 + number) for number in range(6)]
    command = [sys.executable, "-c", ASK, str(root), *map(str, videos)]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    decoded = [int(process.communicate(timeout=PATIENCE_S)[0]) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert sum(decoded) == len(videos)
    for path in videos:
        with FrameCache(root) as cache:
            video = cache.video(path, Sampling(8))
            assert [number_in(frame) for frame in video.frames] == list(video.indices)


#: Stays for ever where the first frames of a video are written and nothing else is.
STAY = """
import time
from evalkit.media import entry
decode = entry.decode
def staying(path, sampling, keep):
    def kept(index, frame):
        keep(index, frame)
        if index > 100:
            print("stays", flush=True)
            time.sleep(600)
    return decode(path, sampling, kept)
entry.decode = staying
"""


def test_a_killed_run_leaves_nothing_that_counts(tmp_path: Path, root: Path) -> None:
    videos = [write_video(tmp_path / f"{number}.mp4", 300 + number) for number in range(4)]
    command = [sys.executable, "-c", STAY + ASK, str(root), *map(str, videos)]
    for _ in range(3):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"stays\n"
            process.kill()
        assert list(root.glob("partial/*/*.png"))
    with FrameCache(root) as cache:
        assert list(root.glob("partial/*")) == []
        for path in videos:
            video = cache.video(path, Sampling(8))
            assert [number_in(frame) for frame in video.frames] == list(video.indices)
        assert cache.counts.repaired == 0


def test_a_full_disk_is_one_line_and_no_media_error(
    video: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with FrameCache(root) as cache:
        monkeypatch.setattr(Path, "write_bytes", full)
        with pytest.raises(EvalkitError, match="the disk is full") as caught:
            cache.video(video, Sampling(4))
        assert not isinstance(caught.value, MediaError)
        assert str(root) in str(caught.value)
        monkeypatch.undo()
    assert counts(root, video) == CacheCounts(decoded=1)


def test_a_folder_that_can_t_be_written_is_no_fault_of_the_video(
    video: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashes_module, "_SETTLED_NS", -1)
    with FrameCache(root) as cache:
        (root / "hashes").write_text("in the way")
        with pytest.raises(EvalkitError, match="can't write the cache") as caught:
            cache.video(video, Sampling(4))
        assert not isinstance(caught.value, MediaError)


def test_a_folder_that_can_t_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EvalkitError, match="can't write the cache"):
        FrameCache(tmp_path / "file" / "cache")


def _entries(root: Path) -> set[str]:
    return {json.loads(path.read_text())["source"] for path in root.rglob("entry.json")}


def _filled(tmp_path: Path, root: Path) -> list[Path]:
    """Fill a cache with a, b, c, used in the order b, c, a."""
    videos = [
        write_video(tmp_path / f"{name}.mp4", 20 + number) for number, name in enumerate("abc")
    ]
    with FrameCache(root) as cache:
        for path in videos:
            folder = cache.video(path, Sampling(4)).frames[0].parent
            age = {"a": 0, "b": 200, "c": 100}[path.stem]
            os.utime(folder / "entry.json", (1e9 - age, 1e9 - age))
    return videos


def test_the_limit_lets_the_longest_unused_go(tmp_path: Path, root: Path) -> None:
    _filled(tmp_path, root)
    total = sum(path.stat().st_size for path in (root / "frames").rglob("*") if path.is_file())
    FrameCache(root).close()
    assert _entries(root) == {"a.mp4", "b.mp4", "c.mp4"}
    FrameCache(root, limit_bytes=total - 1).close()
    assert _entries(root) == {"a.mp4", "c.mp4"}
    FrameCache(root, limit_bytes=0).close()
    assert _entries(root) == set()


def test_use_makes_an_entry_young(tmp_path: Path, root: Path) -> None:
    videos = _filled(tmp_path, root)
    total = sum(path.stat().st_size for path in (root / "frames").rglob("*") if path.is_file())
    assert counts(root, videos[1]).reused == 1
    FrameCache(root, limit_bytes=total - 1).close()
    assert _entries(root) == {"a.mp4", "b.mp4"}


def test_nothing_goes_while_another_run_uses_the_folder(tmp_path: Path, root: Path) -> None:
    _filled(tmp_path, root)
    with FrameCache(root):
        FrameCache(root, limit_bytes=0).close()
        assert len(_entries(root)) == 3
    FrameCache(root, limit_bytes=0).close()
    assert _entries(root) == set()


@pytest.fixture
def read_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read to be hashed."""
    names: list[str] = []
    real = hashes_module.sha256_of

    def counting(path: Path) -> str:
        names.append(path.name)
        return real(path)

    monkeypatch.setattr(hashes_module, "sha256_of", counting)
    return names


def test_hashes_are_remembered_while_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_files: list[str]
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    monkeypatch.setattr(hashes_module, "_SETTLED_NS", -1)
    memory = tmp_path / "hashes"
    for _ in range(3):
        assert Hashes(memory).of(path) == hashlib.sha256(b"one").hexdigest()
    assert read_files == ["a"]
    stat = path.stat()
    path.write_bytes(b"two")
    while path.stat().st_ctime_ns == stat.st_ctime_ns:  # clocks of file systems tick slowly
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert Hashes(memory).of(path) == hashlib.sha256(b"two").hexdigest()
    next(memory.glob("*.json")).write_text("{}")
    assert Hashes(memory).of(path) == hashlib.sha256(b"two").hexdigest()
    assert len(read_files) == 3


def test_hashes_of_files_just_written_are_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read_files: list[str]
) -> None:
    monkeypatch.setattr(hashes_module, "_SETTLED_NS", int(PATIENCE_S * 1e9))
    path = tmp_path / "a"
    path.write_bytes(b"one")
    Hashes(tmp_path / "hashes").of(path)
    Hashes(tmp_path / "hashes").of(path)
    assert read_files == ["a", "a"]


def test_prefetch_keeps_the_order_and_puts_errors_in_their_place() -> None:
    def work(item: int) -> int:
        time.sleep(0.002 * (7 - item % 7))
        if item % 5 == 3:
            raise MediaError("corrupt", f"item {item}")
        return item * item

    seen = []
    for item, future in prefetch(work, range(30), threads=4, ahead=6):
        assert future.done()
        error = future.exception()
        seen.append((item, str(error) if error else future.result()))
    assert seen == [(i, f"item {i}" if i % 5 == 3 else i * i) for i in range(30)]


def test_prefetch_looks_ahead_so_far_and_no_farther() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(50):
            taken.append(item)
            yield item

    for item, _ in prefetch(lambda item: item, items(), threads=3, ahead=5):
        assert len(taken) == min(50, item + 1 + 5)


def test_prefetch_works_while_results_are_used() -> None:
    used, worked = ([threading.Event() for _ in range(20)] for _ in range(2))

    def work(item: int) -> None:
        assert item == 0 or used[item - 1].wait(PATIENCE_S)
        worked[item].set()

    for item, future in prefetch(work, range(20), threads=2, ahead=4):
        used[item].set()
        assert item == 19 or worked[item + 1].wait(PATIENCE_S)
        future.result()


def test_prefetch_ends_its_threads_when_left_early() -> None:
    done: list[int] = []
    results = prefetch(lambda item: done.append(item), range(1000), threads=2, ahead=4)
    next(results)
    results.close()
    assert len(done) <= 6
    assert not [t for t in threading.enumerate() if t.name.startswith("prefetch")]


def test_prefetch_raises_what_the_items_raise_after_what_came_before() -> None:
    def items() -> Iterator[int]:
        yield from range(3)
        raise MediaError("corrupt", "the rows end here")

    results = prefetch(lambda item: item, items(), ahead=8)
    assert [next(results)[0] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(MediaError, match="the rows end here"):
        next(results)


@pytest.mark.parametrize("ahead", [0, -1])
def test_prefetch_refuses_to_look_nowhere(ahead: int) -> None:
    with pytest.raises(ValueError, match="at least one item"):
        next(prefetch(lambda item: item, [1], ahead=ahead))


def test_prefetch_of_nothing() -> None:
    assert list(prefetch(lambda item: item, [], ahead=2)) == []


def test_memory_of_prefetch_does_not_grow_with_the_items() -> None:
    tracemalloc.start()
    for _, future in prefetch(lambda _: bytearray(100_000), range(400), ahead=4):
        future.result()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * 100_000
