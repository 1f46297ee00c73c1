"""The repository keeps the promises it makes about itself."""

import configparser
import importlib.metadata
import os
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

import spatialgen

ROOT = Path(__file__).parents[1]

#: Where the modules are that stay small.
PACKAGES = ("spatialgen", "evalkit", "recipes", "benchmarks")

#: What ties a file to one machine or one registry. The patterns do not match their own source.
TIES = {
    "home": re.compile(r"/(?:root|home/\w+|Users/\w+)/"),
    "machine": re.compile(r"(?<![\w.])/(?:work|tmp)(?:/|\b)"),
    "registry": re.compile(r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.org|deb\.debian\.org)"),
    "index option": re.compile(r"--(?:(?:extra-)?index-url|find-links|trusted-host)"),
}


def repository_files() -> list[Path]:
    """Return the files that git tracks or would track, as paths below the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip(f"git lists no files here: {listed.stderr.strip()}")
    names = sorted(name for name in listed.stdout.split("\0") if name)
    return [Path(name) for name in names if (ROOT / name).is_file()]


def lines_with_ties(text: str) -> list[str]:
    """Return "line: kind" for every line of ``text`` that names a machine or a registry."""
    return [
        f"{number}: {kind}"
        for number, line in enumerate(text.splitlines(), start=1)
        for kind, pattern in TIES.items()
        if pattern.search(line)
    ]


def requirement_name(requirement: str) -> str:
    """Return the normalised project name at the start of a requirement line."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None, requirement
    return re.sub(r"[-_.]+", "-", name.group()).lower()


def setup_cfg() -> configparser.ConfigParser:
    """Return setup.cfg with the comments inside its values kept."""
    parser = configparser.ConfigParser(comment_prefixes=(";",), allow_no_value=True)
    text = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    parser.read_string(re.sub(r"(?m)^#.*$", "", text))
    return parser


def requirement_lines() -> list[tuple[str, str]]:
    """Return every direct requirement with the line above it."""
    parser = setup_cfg()
    blocks = [parser["options"]["install_requires"], *parser["options.extras_require"].values()]
    pairs = []
    for block in blocks:
        lines = block.strip().splitlines()
        pairs += [
            (line, above)
            for above, line in zip(["", *lines], lines, strict=False)
            if not line.startswith("#")
        ]
    return pairs


def make_targets(text: str) -> set[str]:
    """Return the targets of the make commands in the code spans and code blocks of ``text``."""
    return set(re.findall(r"(?m)(?:^\s*(?:\$ )?|`)make ([a-z]+)\b", text))


@pytest.mark.parametrize(
    ("line", "kinds"),
    [
        pytest.param("open('/ro" + "ot/x')", ["1: home"], id="home of root"),
        pytest.param("in /ho" + "me/ann/scans", ["1: home"], id="home of a person"),
        pytest.param("cd /wo" + "rk/main", ["1: machine"], id="work folder"),
        pytest.param("cd /t" + "mp", ["1: machine"], id="temporary folder"),
        pytest.param("https://py" + "pi.org/simple", ["1: registry"], id="registry"),
        pytest.param("--extra-index" + "-url x", ["1: index option"], id="index option"),
        pytest.param("rates of pay/work and home/away", [], id="words with a slash"),
        pytest.param("a/work/b, ./tmp/x, /etc/passwd", [], id="relative or another path"),
        pytest.param("pip install spatialgen", [], id="ordinary client"),
    ],
)
def test_ties_are_recognised(line: str, kinds: list[str]) -> None:
    assert lines_with_ties(line) == kinds


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = []
    for path in repository_files():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content:
            found += [f"{path}:{tie}" for tie in lines_with_ties(content.decode("utf-8"))]
    assert found == []


def test_version_is_written_once() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", spatialgen.__version__)
    assert setup_cfg()["metadata"]["version"] == "attr: spatialgen.__version__"


def test_installed_version_is_the_source_version() -> None:
    try:
        installed = importlib.metadata.version("ouroboros-spatial")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("the package is not installed: run the tests with `make test`")
    assert installed == spatialgen.__version__


def test_changelog_starts_with_this_version_or_what_follows_it() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"(?m)^## \[(.+?)\]", changelog)
    released = [heading for heading in headings if heading != "Unreleased"]
    assert headings[0] in ("Unreleased", spatialgen.__version__)
    assert released[:1] in ([], [spatialgen.__version__])


def test_every_dependency_says_why() -> None:
    pairs = requirement_lines()
    assert len(pairs) >= 5
    assert [line for line, above in pairs if not above.startswith("# ")] == []


def test_every_direct_dependency_is_pinned() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pins = [line for line in text.splitlines() if not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", pin)] == []
    pinned = Counter(requirement_name(pin) for pin in pins)
    assert [name for name, times in pinned.items() if times > 1] == []
    direct = {requirement_name(line) for line, _ in requirement_lines()}
    assert sorted(direct - pinned.keys()) == []


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        pytest.param("run `make demo` first", {"demo"}, id="code span"),
        pytest.param(
            "```\nmake test  # the tests\n$ make check\n```", {"test", "check"}, id="block"
        ),
        pytest.param("boxes make sense, and we make do", set(), id="plain words"),
        pytest.param("`make PYTHON=python3.12`", set(), id="variable"),
    ],
)
def test_make_commands_are_recognised(text: str, targets: set[str]) -> None:
    assert make_targets(text) == targets


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_make_targets_named_in_documents_exist(name: str) -> None:
    document = ROOT / name
    if not document.exists():
        pytest.skip(f"there is no {name}")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    defined = set(re.findall(r"(?m)^([a-z]+):", makefile))
    named = make_targets(document.read_text(encoding="utf-8"))
    assert named, f"{name} names no target of the Makefile"
    assert sorted(named - defined) == []


def test_modules_stay_small() -> None:
    found = [
        str(path)
        for path in repository_files()
        if path.suffix == ".py" and path.parts[0] in PACKAGES
        if path.name == "utils.py"
        or len((ROOT / path).read_text(encoding="utf-8").splitlines()) > 400
    ]
    assert found == []


def test_test_files_have_names_of_their_own() -> None:
    names = [path.name for path in repository_files() if path.parts[0] == "tests"]
    tests = Counter(name for name in names if name.endswith(".py"))
    assert "__init__.py" not in tests
    assert [name for name, times in tests.items() if times > 1] == []


def test_ci_script_is_executable() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
