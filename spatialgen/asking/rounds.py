"""Many scenes at a time: so that a generator always has enough to do at once."""

import itertools
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from spatialgen.asking.prepare import Prepared, Preparer
from spatialgen.asking.talk import Talk, begin
from spatialgen.dataset.previous import Before
from spatialgen.dataset.rows import rejected_scene_row
from spatialgen.errors import SceneError
from spatialgen.parallel import ordered_map, uninterrupted
from spatialgen.pipeline import Plan, SceneRows
from spatialgen.programs.executor import Executor
from spatialgen.propose.feedback import Feedback
from spatialgen.propose.generator import Reply, Request
from spatialgen.propose.settings import ModelSettings
from spatialgen.propose.transcript import Transcript
from spatialgen.scenes import SceneRef


def written_rows(
    plan: Plan,
    settings: ModelSettings,
    refs: Sequence[SceneRef],
    scratch: Path,
    transcript: Transcript,
    feedback: Feedback,
    before: Mapping[str, Before],
    workers: int,
) -> Generator[SceneRows]:
    """Yield what comes of each scene, in their order.

    Scenes are read in ``workers`` processes ahead of the model; ``scenes_at_once`` of them
    are asked about together, step by step, the requests about one after the other. Their
    pictures are in ``scratch`` meanwhile; what a killed run left there is removed first.
    """
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        with Executor() as executor:
            preparer = Preparer(scratch, plan.frames, settings.max_side)
            make = partial(_begin, plan, settings, executor, feedback, before)
            with closing(_prepared(preparer, refs, workers)) as prepared:
                yield from uninterrupted(_in_groups(prepared, make, settings, transcript))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _prepared(preparer: Preparer, refs: Sequence[SceneRef], workers: int) -> Generator[Prepared]:
    if workers > 1 and len(refs) > 1:
        yield from ordered_map(partial(_same, preparer), refs, min(workers, len(refs)))
    else:
        yield from map(preparer, refs)


def _same(preparer: Preparer) -> Preparer:
    return preparer


def _in_groups(
    prepared: Iterable[Prepared],
    make: Callable[[Prepared], Talk | SceneRows],
    settings: ModelSettings,
    transcript: Transcript,
) -> Iterator[SceneRows]:
    remaining = iter(prepared)
    while group := list(itertools.islice(remaining, settings.scenes_at_once)):
        yield from _ask_all(group, make, settings, transcript)


def _begin(
    plan: Plan,
    settings: ModelSettings,
    executor: Executor,
    feedback: Feedback,
    before: Mapping[str, Before],
    prepared: Prepared,
) -> Talk | SceneRows:
    ref = prepared.ref
    key = f"{ref.dataset}/{ref.name}"
    try:
        known = before.get(key, Before())
        return begin(prepared, plan, settings, executor, feedback, known)
    except SceneError as error:
        row = rejected_scene_row(ref.dataset, ref.name, error.code, str(error))
        return SceneRows(key, rejected=(row,))


def _ask_all(
    group: Sequence[Prepared],
    make: Callable[[Prepared], Talk | SceneRows],
    settings: ModelSettings,
    transcript: Transcript,
) -> list[SceneRows]:
    begun = [make(prepared) for prepared in group]
    talks = [each for each in begun if isinstance(each, Talk)]
    for _ in range(settings.replies):
        if not any(talk.wanted for talk in talks):
            break
        _round(talks, settings, transcript)
    for prepared in group:
        prepared.clear()
    return [each.rows() if isinstance(each, Talk) else each for each in begun]


def _round(talks: Sequence[Talk], settings: ModelSettings, transcript: Transcript) -> None:
    # One reply about every scene that wants more, its repairs, and the opinions about it, until
    # there are enough or none is left that passed.
    asked = [(talk, talk.ask()) for talk in talks]
    for attempt in range(settings.repairs + 1):
        open_ones = [(talk, request) for talk, request in asked if request is not None]
        if not open_ones:
            break
        # A repair is longer than what it is about, perhaps too long for the model.
        replies = transcript.replies([request for _, request in open_ones], may_fail=attempt > 0)
        for talk, request in open_ones:
            talk.hear(replies[request.id], attempt)
        asked = [(talk, talk.mend()) for talk, _ in open_ones]
    while waiting := [talk for talk in talks if talk.passed]:
        opinions: list[Request] = [request for talk in waiting for request in talk.opinions()]
        said: dict[str, Reply] = transcript.replies(opinions) if opinions else {}
        for talk in waiting:
            talk.settle(said)
