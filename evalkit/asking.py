"""Putting a run's open questions to a backend, with their media decoded ahead of it."""

import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any

from evalkit.backends import Session
from evalkit.media.cache import FrameCache
from evalkit.media.errors import MediaError
from evalkit.media.prefetch import prefetch
from evalkit.media.video import Sampling
from evalkit.optional import require
from evalkit.prompt import Completion, Part, Prompt
from evalkit.questions import Question, Questions, group_of, options_of
from evalkit.showing import Showing, samplings, text_only

#: So many scenes are decoded ahead of the one that is being asked about, by so many threads.
SCENES_AHEAD = 4
DECODERS = 2

#: Questions about one scene, with their rows where these hold the images.
Scene = list[tuple[Question, Mapping[str, Any] | None]]

#: Takes every completion when it comes, with the code of a failure that is not the backend's.
Keep = Callable[[Question, Completion, str | None], None]


class Asker:
    """Asks some questions of a benchmark; every one of them is given to ``keep`` once.

    ``keep`` is called by one thread at a time.
    """

    def __init__(self, questions: Questions, asked: Sequence[Question], keep: Keep) -> None:
        self._questions = questions
        self._benchmark = questions.benchmark
        self._open = {question.id: question for question in asked}
        self._waiting = set(self._open)
        self._give = keep
        self._mutex = threading.Lock()

    def ask_blind(self, session: Session) -> None:
        """Ask with the text of the prompts alone."""
        self._ask(session, self._blind())

    def ask(self, session: Session, frames: FrameCache, images: Path, sampling: Sampling) -> None:
        """Ask with media; ``images`` is the folder for images that can't be used in place."""
        require("PIL", "pillow", "showing images and frames")
        from evalkit.media.images import ImageStore

        showing = Showing(
            self._benchmark,
            self._questions.finder,
            frames,
            ImageStore(images),
            sampling,
            samplings(self._benchmark, (each.doc for each in self._questions.items), sampling),
        )
        self._ask(session, self._sighted(showing))

    def _ask(self, session: Session, prompts: Generator[Prompt, None, None]) -> None:
        # Closed at once where the session fails: nothing decodes on behind its back.
        with closing(prompts):
            for completion in session.generate(prompts):
                self._keep(completion)
        for name in [each for each in self._open if each in self._waiting]:
            self._keep(Completion(name, None, "the backend gave no answer to this question"))

    def _blind(self) -> Generator[Prompt, None, None]:
        for question in self._open.values():
            yield self._prompt(question, text_only(self._benchmark, question.doc))

    def _sighted(self, showing: Showing) -> Generator[Prompt, None, None]:
        def shown(scene: Scene) -> list[tuple[Question, tuple[Part, ...] | MediaError]]:
            return [(question, _parts(showing, question, row)) for question, row in scene]

        scenes = prefetch(shown, self._scenes(), threads=DECODERS, ahead=SCENES_AHEAD)
        for _, future in scenes:
            for question, parts in future.result():
                if isinstance(parts, MediaError):
                    self._keep(Completion(question.id, None, str(parts)), parts.code)
                else:
                    yield self._prompt(question, parts)

    def _scenes(self) -> Iterator[Scene]:
        """Give the open questions, those about one scene together.

        Questions whose images lie in the rows are given in the order of the rows, which are
        read once more and never all held.
        """
        if self._questions.rows is None:
            by_scene: dict[str, Scene] = {}
            for question in self._open.values():
                by_scene.setdefault(question.cluster, []).append((question, None))
            yield from by_scene.values()
            return
        pairs = zip(self._questions.items, self._questions.rows(), strict=True)
        wanted = ((each, row) for each, row in pairs if each.id in self._open)
        for _, scene in groupby(wanted, key=lambda pair: pair[0].cluster):
            yield list(scene)

    def _prompt(self, question: Question, parts: tuple[Part, ...]) -> Prompt:
        benchmark = self._benchmark
        return Prompt(
            id=question.id,
            parts=parts,
            max_new_tokens=benchmark.generation.max_new_tokens,
            options=options_of(benchmark, question.doc),
            group=group_of(benchmark, question.doc),
        )

    def _keep(self, completion: Completion, code: str | None = None) -> None:
        with self._mutex:
            if completion.id in self._waiting:
                self._give(self._open[completion.id], completion, code)
                self._waiting.discard(completion.id)


def _parts(
    showing: Showing, question: Question, row: Mapping[str, Any] | None
) -> tuple[Part, ...] | MediaError:
    try:
        return showing.parts(question.doc, row)
    except MediaError as error:
        return error
