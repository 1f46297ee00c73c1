"""The dataset card: a template, and figures that all come from release.json."""

from collections import Counter
from collections.abc import Iterable, Mapping
from importlib.resources import files
from string import Template

from spatialgen.release import card_reports, totals
from spatialgen.release.folder import digest
from spatialgen.release.front_matter import metadata, to_yaml
from spatialgen.release.markdown import cell, code, row, share, term
from spatialgen.release.totals import in_order
from spatialgen.tables.columns import FRAMES, QUESTIONS, REJECTED, SCENES
from spatialgen.tables.record import Part, Release, Source, Type

_ROWS = {
    QUESTIONS: "a question with its answer, its program and its checks",
    SCENES: "a scene as the programs saw it: objects, floor, cameras, what each frame shows",
    FRAMES: "a picture of a scene's video, with its camera and pose",
    REJECTED: "a draft that was turned down, with `reason` and `detail`, or a scene (`id` is null)",
}

#: Settings that have a column of their own, or are too long for one.
_TOLD_ELSEWHERE = ("proposer", "seed", "round", "families", "model")


def card(release: Release, repo: str = ".") -> str:
    """Return the dataset card of a release that is loaded from ``repo``."""
    types = totals.types(release)
    sources = totals.sources(release)
    named = ", ".join(source.title for source in sources.values())
    title = f"Ouroboros-Spatial: {release.rows(QUESTIONS)} questions about 3D scenes"
    by_size = sorted(types.items(), key=lambda item: (item[1].accepted, item[0]))
    asked = [name for name, each in by_size if each.accepted]
    text = Template(files(__package__).joinpath("templates/card.md").read_text("utf-8"))
    body = text.substitute(
        title=title,
        repo=repo,
        questions=f"{release.rows(QUESTIONS):,}",
        scenes=_scenes(release, sources),
        sources_named=cell(named),
        types=len(asked),
        rounds=_lines(_round(name, part) for name, part in in_order(release)),
        tables=_lines(_table(release, name) for name in release.table_names()),
        frames=_frames(release, sources),
        example=_example(release),
        turned_down=_turned_down(release),
        settings=_settings(release),
        by_type=_lines(_type(name, each) for name, each in sorted(types.items())),
        plots="\n\n".join(_plots(name, part) for name, part in in_order(release)),
        contamination=card_reports.contamination(release),
        shortcuts=card_reports.shortcuts(release),
        license=_license(release),
        sources=_lines(_source(source, bool(release.rows(FRAMES))) for source in sources.values()),
        wording=_wording(release),
        smallest=f"{term(asked[0])} ({types[asked[0]].accepted})" if asked else "none",
        largest=f"{term(asked[-1])} ({types[asked[-1]].accepted})" if asked else "none",
        limits=_lines(_limits(release)),
        identity=digest({name: part.dataset for name, part in release.parts.items()})[:12],
        versions=", ".join(
            sorted({_version(part, "spatialgen") for part in release.parts.values()})
        ),
    )
    return f"---\n{to_yaml(metadata(release, title))}---\n\n{body}"


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _version(part: Part, name: str) -> str:
    return cell(part.versions.get(name, "unknown"))


def _round(name: str, part: Part) -> str:
    down = sum(part.reasons.values())
    return row(
        f"{part.round} (`{name}`)",
        f"{part.rows(QUESTIONS):,}",
        f"{part.rows(SCENES):,}",
        f"{down:,}",
        cell(_asker(part)),
        cell(part.config.get("seed", "unknown")),
        _version(part, "language"),
        _version(part, "spatialgen"),
    )


def _asker(part: Part) -> str:
    model = part.config.get("model")
    if isinstance(model, Mapping):
        return f"the model {model.get('model')}"
    return "built-in families" if "families" in part.config else str(part.config.get("proposer"))


def _wording(release: Release) -> str:
    askers = sorted({_asker(part) for part in release.parts.values()})
    return cell(" and ".join(askers))


def _table(release: Release, name: str) -> str:
    return row(f"`{name}`", f"{release.rows(name):,}", _ROWS[name])


def _scenes(release: Release, sources: Mapping[str, Source]) -> str:
    total = sum(source.scenes for source in sources.values())
    counted = ", counted once in each part" if len(release.parts) > 1 else ""
    return f"{total:,} 3D scene{'' if total == 1 else 's'}{counted}"


def _frames(release: Release, sources: Mapping[str, Source]) -> str:
    lines = []
    given = bool(release.rows(FRAMES))
    if given:
        lines.append(
            "\nThe config `frames` holds the pictures that questions are about, by `dataset`, "
            "`scene_name` and `index`."
        )
    held = [each.title for each in sources.values() if not (given and each.frames)]
    if held:
        join = code("spatialgen materialize DATASET --scenes SCANS --out DIR")
        titles = cell(", ".join(held))
        lines.append(f"\nThe frames of {titles} are not in here. With scans of your own:\n\n{join}")
    return _lines(lines)


def _example(release: Release) -> str:
    shown = next((part.example for _, part in in_order(release) if part.example), None)
    if shown is None:
        return "There is no question."
    options = shown.get("options") or []
    words = [
        f"{shown.get('scene_name')}, {shown.get('question_type')}",
        str(shown.get("question")),
        *(f"  {option}" for option in options),
        f"answer: {shown.get('ground_truth')}",
    ]
    return f"{code(_lines(words))}\n\n{code(str(shown.get('program')), 'python')}"


def _turned_down(release: Release) -> str:
    reasons = _summed(part.reasons for part in release.parts.values())
    scenes = _summed(part.scenes_rejected for part in release.parts.values())
    left_out = _summed(part.left_out for part in release.parts.values())
    lines = [
        f"Turned down: {_counted(reasons) or 'no draft'}.",
        f"Scenes that could not be used: {_counted(scenes) or 'none'}.",
    ]
    if left_out:
        lines.append(f"Made, and left out of the release: {_counted(left_out)}.")
    return "\n".join(lines)


def _summed(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    return sum((Counter(each) for each in counts), Counter[str]())


def _counted(counts: Counter[str]) -> str:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{term(name)} {count:,}" for name, count in ranked)


def _settings(release: Release) -> str:
    lines = []
    for name, part in in_order(release):
        told = {key: each for key, each in part.config.items() if key not in _TOLD_ELSEWHERE}
        model = part.config.get("model")
        if isinstance(model, Mapping):
            told |= {
                key: each for key, each in model.items() if isinstance(each, str | int | float)
            }
        words = ", ".join(f"{term(key)} {cell(each)}" for key, each in sorted(told.items()))
        parents = [other for other, each in release.parts.items() if each.questions in part.parents]
        shown = f"; asked knowing {', '.join(f'`{each}`' for each in parents)}" if parents else ""
        lines.append(f"- `{name}`: {words}{shown}")
    return _lines(lines)


def _type(name: str, each: Type) -> str:
    total = sum(each.letters.values())
    letters = " ".join(f"{cell(key)} {share(n, total)}" for key, n in each.letters.items())
    return row(term(name), f"{each.accepted:,}", f"{each.rejected:,}", letters, _answers(each))


def _answers(each: Type) -> str:
    if each.answers:
        told = (
            f"{span['min']:g} to {span['max']:g} {cell(unit)}".rstrip()
            for unit, span in each.answers.items()
            if span
        )
        return "; ".join(told)
    frequent = list(each.most_frequent.items())[:3]
    return ", ".join(f"{cell(text)} {share(n, each.accepted)}" for text, n in frequent)


def _plots(name: str, part: Part) -> str:
    told = f"round {part.round}, `{name}`"
    return (
        f"![Questions by type, {told}](parts/{name}/types.svg)\n\n"
        f"![The right letters by type, {told}](parts/{name}/letters.svg)"
    )


def _license(release: Release) -> str:
    if release.license == "other":
        return "The terms of the scans below hold for what is derived from them too."
    return f"Questions, programs and numbers: {release.license}. The terms of the scans are theirs."


def _source(source: Source, given: bool) -> str:
    title = cell(source.title)
    named = f"[{title}]({source.url})" if source.url else title
    terms = "its own terms" if source.licence == "other" else source.licence
    if source.frames:
        told = "yes" if given else "no, though they might be"
    else:
        told = "no, and neither are meshes"
    return row(named, f"{source.questions:,}", f"{source.scenes:,}", terms, told)


def _limits(release: Release) -> Iterable[str]:
    shared = Counter[str]()
    for part in release.parts.values():
        shared.update({each.name: each.in_shared_spaces for each in part.overlaps})
    for name, count in sorted(shared.items()):
        if count:
            yield (
                f"- {count:,} questions are about physical spaces that {cell(name)} uses: who "
                "trains on them can't be measured there."
            )
    known = {
        name
        for part in release.parts.values()
        for name, found in (part.shortcuts or {}).items()
        if found.shortcut
    }
    if known:
        named = ", ".join(map(term, sorted(known)))
        yield f"- Some of these can be guessed without looking, better than luck explains: {named}."
    unaudited = sum(part.shortcuts is None for part in release.parts.values())
    if unaudited:
        yield f"- {unaudited} of {len(release.parts)} parts were not audited for shortcuts."
    for name in release.table_names():
        large = sum(p.tables[name].large for p in release.parts.values() if name in p.tables)
        if large:
            yield f"- {large:,} rows of `{name}` are larger than the Hub's viewer shows."
    if len(release.parts) > 1:
        yield "- Rounds may ask the same question again; `id` is the same then."
