"""The conversation with a model about one scene, from the first request to the rows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from spatialgen.asking.examine import MENDABLE, Examiner, examiner
from spatialgen.asking.prepare import Prepared
from spatialgen.dataset.previous import Before
from spatialgen.dataset.rows import Row
from spatialgen.errors import SceneError
from spatialgen.graph.build import build
from spatialgen.pipeline import Plan, SceneRows, drawn_options, stored, to_row
from spatialgen.programs.executor import Executor
from spatialgen.propose import conversation, review
from spatialgen.propose.feedback import Feedback
from spatialgen.propose.generator import Reply, Request
from spatialgen.propose.reply import PREFIX, Flaw, read_written
from spatialgen.propose.settings import ModelSettings
from spatialgen.records import Scene
from spatialgen.verify.draft import Check, Draft
from spatialgen.verify.judge import Verdict

#: After so many runs of its programs that took too long a model is asked no more about a scene.
MOST_TIMEOUTS = 5

#: What a row can't hold of a text that was none.
UNREADABLE = PREFIX + "unreadable"


@dataclass
class Talk:
    """What was said about one scene so far, and what came of it.

    A talk never asks anybody: it returns requests, and takes the replies to them. Between
    the two anything may happen; the same replies give the same rows. ``questions`` are all
    that were asked about the scene, by earlier datasets too: a request for more lists them.
    """

    scene: Scene
    plan: Plan
    settings: ModelSettings
    about: conversation.Subject
    examiner: Examiner
    counts: Counter[str] = field(default_factory=Counter)
    accepted: list[Row] = field(default_factory=list)
    rejected: list[Row] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    passed: list[Verdict] = field(default_factory=list)
    _failed: list[Verdict] = field(default_factory=list)
    _unread: Flaw | None = None
    _task: Request | None = None
    _requests: int = 0
    _timeouts: int = 0
    _said: set[str] = field(default_factory=set)

    @property
    def wanted(self) -> int:
        """How many more questions there should be."""
        return max(0, self.plan.per_scene - len(self.accepted))

    def ask(self) -> Request | None:
        """Return the request for more questions.

        None where there are enough, where the model is given up, or where the same was asked
        before: a model that decodes greedily would reply the same.
        """
        self._failed, self._unread = [], None
        if not self.wanted or self._given_up:
            return None
        self._requests += 1
        count, limit = self.settings.per_reply, self.settings.max_tokens
        return self._new(conversation.ask(self.about, self._requests, count, self.questions, limit))

    def mend(self) -> Request | None:
        """Return the request to mend what the last reply got wrong; None as for `ask`."""
        unread, failed = self._unread, self._failed
        self._failed, self._unread = [], None
        if self._given_up:
            return None
        self._requests += 1
        if unread is not None and self._task is not None:
            task = self._task
            request = self._new(conversation.again(self.about, self._requests, task, unread))
            self._task = task
            return request
        if failed:
            limit = self.settings.max_tokens
            return self._new(conversation.repair(self.about, self._requests, failed, limit))
        return None

    def _new(self, request: Request) -> Request | None:
        text = str(request.parts[-1])
        if text in self._said:
            return None
        self._said.add(text)
        self._task = request
        return request

    def hear(self, reply: Reply, attempt: int) -> None:
        """Take a reply with questions; ``attempt`` counts the repairs before it."""
        self.counts["question_replies" if attempt == 0 else "repair_replies"] += 1
        self._count_tokens(reply)
        written = read_written(reply, self.settings.per_reply)
        for flaw in written.flaws:
            self._reject_text(flaw, attempt)
        if written.unreadable is not None:
            self.counts["unreadable_replies"] += 1
            self._reject_text(written.unreadable, attempt)
            if written.unreadable.code != "no_reply":
                self._unread = written.unreadable
        self.counts["questions_written"] += len(written.drafts)
        for draft in written.drafts:
            self._try(draft, attempt)

    def _try(self, draft: Draft, attempt: int) -> None:
        if self._given_up:
            detail = f"{MOST_TIMEOUTS} runs of programs before it took too long"
            tried = Check("attempt", figures={"repairs": attempt})
            self._reject(Verdict(draft, (tried,), reason="given_up", detail=detail))
            return
        verdict = self._examined(draft, attempt)
        self.questions.append(draft.question)
        if verdict.reason is None:
            self.passed.append(verdict)
            return
        self._reject(verdict)
        if verdict.reason in MENDABLE:
            self._failed.append(verdict)

    def _examined(self, draft: Draft, attempt: int) -> Verdict:
        executor = self.examiner.executor
        before = executor.timeouts
        verdict = self.examiner.examine(draft, attempt)
        self._timeouts += executor.timeouts - before
        if self._given_up:
            self.counts["given_up_for_timeouts"] = 1
        return verdict

    @property
    def _given_up(self) -> bool:
        return self._timeouts >= MOST_TIMEOUTS

    # -- the model's own opinion ----------------------------------------------

    def opinions(self) -> list[Request]:
        """Return the requests to review and to guess what passed the other checks.

        No more are judged than are wanted; where some of them fail, the next are asked about
        once these are settled.
        """
        requests = []
        for number, verdict in self._numbered():
            options = self._options(verdict)
            if self._reviews:
                requests.append(review.review(self.about, number, verdict, options))
            if self.settings.blind:
                requests += review.blind(self.about, number, verdict, options)
        return requests

    def settle(self, replies: dict[str, Reply]) -> None:
        """Take the opinions about what was to be judged, and make rows of it.

        Where there are enough then, what else passed is left.
        """
        judged = self._numbered()
        del self.passed[: len(judged)]
        for number, verdict in judged:
            for check in self._opinions(number, verdict, replies):
                verdict = replace(verdict, checks=(*verdict.checks, check))
                if check.reason:
                    verdict = replace(verdict, reason=check.reason, detail=check.detail)
                    break
            row, kept = to_row(self.scene, verdict, self.plan)
            (self.accepted if kept else self.rejected).append(row)
        if not self.wanted:
            detail = f"{self.plan.per_scene} questions are enough"
            for verdict in self.passed:
                self._reject(replace(verdict, reason="enough", detail=detail))
            self.passed.clear()

    def _opinions(
        self, number: int, verdict: Verdict, replies: dict[str, Reply]
    ) -> Iterator[Check]:
        options = self._options(verdict)
        if self._reviews:
            asked = review.review(self.about, number, verdict, options)
            yield review.read_review(self._heard(replies[asked.id], "reviews"))
        elif self.settings.review:
            yield Check("review", figures={"available": False})
        if self.settings.blind:
            guesses = review.blind(self.about, number, verdict, options)
            heard = [self._heard(replies[each.id], "blind_guesses") for each in guesses]
            yield review.read_blind(heard, verdict, options)

    def _heard(self, reply: Reply, what: str) -> Reply:
        self.counts[what] += 1
        self._count_tokens(reply)
        return reply

    @property
    def _reviews(self) -> bool:
        return self.settings.review and bool(self.about.frames)  # who sees nothing can't look

    def _numbered(self) -> list[tuple[int, Verdict]]:
        begun = len(self.accepted) + len(self.rejected)
        return list(enumerate(self.passed[: self.wanted], start=begun))

    def _options(self, verdict: Verdict) -> Sequence[str]:
        if verdict.draft.kind != "choice":
            return ()
        return drawn_options(self.scene, verdict, self.plan) or ()

    # -- rows ------------------------------------------------------------------

    def rows(self) -> SceneRows:
        """Return all that came of the scene."""
        kept = {**stored(self.scene), "attempts": dict(sorted(self.counts.items()))}
        return SceneRows(self.scene.key, tuple(self.accepted), tuple(self.rejected), (kept,))

    def _reject(self, verdict: Verdict) -> None:
        self.rejected.append(to_row(self.scene, verdict, self.plan)[0])

    def _reject_text(self, flaw: Flaw, attempt: int) -> None:
        draft = Draft(UNREADABLE, flaw.text, "", "number")
        tried = Check("attempt", figures={"repairs": attempt})
        self._reject(Verdict(draft, (tried,), reason=flaw.code, detail=flaw.detail))

    def _count_tokens(self, reply: Reply) -> None:
        if reply.tokens is not None:
            self.counts["reply_tokens"] += reply.tokens


def begin(
    prepared: Prepared,
    plan: Plan,
    settings: ModelSettings,
    executor: Executor,
    feedback: Feedback,
    before: Before,
) -> Talk:
    """Return the talk about a prepared scene, before anything is said.

    ``before`` is what earlier datasets ask about it. Raises SceneError where the scene
    can't be used.
    """
    scene = prepared.scene
    if scene is None:
        raise SceneError(prepared.code, prepared.detail)
    graph = build(scene, prepared.measured)
    about = conversation.subject(graph, prepared.shown, feedback, settings)
    return Talk(
        scene=scene,
        plan=plan,
        settings=settings,
        about=about,
        examiner=examiner(graph, plan, executor, before),
        questions=conversation.asked_before(about, before.questions),
    )
