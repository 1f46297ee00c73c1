"""How fast a model can ask: replies a second, what is accepted, and how busy a server is kept.

    python benchmarks/proposer_speed.py [--rooms 16] [--delays 0,0.5,2] [--concurrency 16] [--json]

`spatialgen propose --model` runs on made rooms and talks to an OpenAI-compatible server on
this machine. The server follows a script: it asks soundly what the scene graph allows, and
spoils three of eight questions, each in another of four ways that models have. It takes the
same time for every reply, so that a run can be held against the server's own time for as many
replies side by side. What a model would ask, and how fast one replies, this does not say; nor
what programs cost that never end, of which each takes two seconds.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from chat_server import ChatServer
from scripted_model import Item, as_reply, kind_of, plain

PER_SCENE, PER_REPLY, FRAMES = 10, 8, 8


def unknown_name(item: Item) -> Item:
    """Ask for a thing that is not in the scene."""
    return {**item, "program": item["program"].replace("scene.one(", "scene.one('un' + ")}


def unknown_function(item: Item) -> Item:
    """Call what the language does not have."""
    return {**item, "program": item["program"].replace("scene.one", "scene.lookup")}


def half(item: Item) -> Item:
    """Leave out what a question needs."""
    return {name: value for name, value in item.items() if name != "answer_type"}


def same_for_all(item: Item) -> Item:
    """Compute nothing from the scene."""
    first, _ = item["program"].split("\n", 1)
    answer = item["options"][0] if item["options"] else 1.0
    return {**item, "program": f"{first}\n    return {answer!r}\n"}


SPOILT: tuple[Callable[[Item], Item], ...] = (
    unknown_name,
    unknown_function,
    half,
    same_for_all,
)

#: So many questions of a reply are spoilt.
SPOILT_OF_REPLY = 3


def script(delay_s: float, text: str) -> str:
    """Reply as the module says, after a while."""
    time.sleep(delay_s)
    said = plain(text)
    if kind_of(text) != "ask":
        return said
    items = json.loads(said)["questions"]
    turn = zlib.crc32(text.encode())
    ways = [SPOILT[(turn + place) % len(SPOILT)] for place in range(SPOILT_OF_REPLY)]
    spoilt = [way(item) for way, item in zip(ways, items, strict=False)]
    return as_reply(spoilt + items[len(spoilt) :])


def run(rooms: Path, out: Path, delay_s: float, concurrency: int, words: Sequence[str]) -> Any:
    """Return the figures of one run."""
    with ChatServer(partial(script, delay_s)) as server:
        named = ["--scenes", str(rooms), "--out", str(out), "--per-scene", str(PER_SCENE)]
        asked = ["--model", "scripted-vlm", "--backend", "openai", "--base-url", server.url]
        asked += ["--per-reply", str(PER_REPLY), "--frames", str(FRAMES)]
        asked += ["--backend-option", f"concurrency={concurrency}", "--json", *words]
        began = time.monotonic()
        done = spatialgen("propose", *named, *asked)
        took = time.monotonic() - began
    counts = json.loads(done)["counts"]
    return {
        "delay_s": delay_s,
        "seconds": took,
        "replies": len(server.times),
        "replies_per_s": len(server.times) / took,
        "server_alone_s": len(server.times) * delay_s / concurrency,
        "busy": covered(server.times) / took,
        "accepted": counts["accepted"],
        "accepted_per_s": counts["accepted"] / took,
        "rejected": counts["rejected"],
        "by_reason": counts["by_reason"],
        "attempts": counts["attempts"],
    }


def covered(times: Sequence[tuple[float, float]]) -> float:
    """Return how many seconds at least one request was with the server."""
    total, until = 0.0, float("-inf")
    for began, ended in sorted(times):
        total += max(0.0, ended - max(began, until))
        until = max(until, ended)
    return total


def spatialgen(*words: str) -> str:
    """Run a command of spatialgen; return what it prints."""
    named = [sys.executable, "-m", "spatialgen", *words]
    return subprocess.run(named, check=True, stdout=subprocess.PIPE, text=True).stdout


def show(found: Sequence[dict[str, Any]]) -> None:
    """Print the figures as text."""
    for each in found:
        print(
            f"{each['delay_s']:5.2f} s a reply: {each['replies']} replies in "
            f"{each['seconds']:.1f} s, {each['replies_per_s']:.1f}/s; the server alone "
            f"{each['server_alone_s']:.1f} s; it had something to do {each['busy']:.0%} of the "
            f"time; {each['accepted']} accepted ({each['accepted_per_s']:.1f}/s), "
            f"{each['rejected']} rejected"
        )
    for name in ("by_reason", "attempts"):
        told = ", ".join(f"{key} {value}" for key, value in found[-1][name].items())
        print(f"{name}: {told}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rooms", type=int, default=16)
    parser.add_argument("--delays", default="0,0.5,2", help="seconds, separated by commas")
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--propose", default="", help="further words for spatialgen propose")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        rooms = Path(folder) / "rooms"
        made = f"--rooms {chosen.rooms} --objects 14 --seconds 8 --fps 1 --size 256 --camera turn"
        spatialgen("synth", "--out", str(rooms), *made.split())
        for number, delay in enumerate(chosen.delays.split(",")):
            out = Path(folder) / f"asked-{number}"
            words = chosen.propose.split()
            found.append(run(rooms, out, float(delay), chosen.concurrency, words))
    print(json.dumps(found, indent=1)) if chosen.json else show(found)


if __name__ == "__main__":
    main()
