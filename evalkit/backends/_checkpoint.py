"""Loading a checkpoint with transformers, and saying in one line why one can't be loaded."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.backends import _torchvision
from evalkit.backends._base import Settings, one_line
from evalkit.backends._batches import FAILURES
from evalkit.errors import EvalkitError, UsageError
from evalkit.optional import require

INSTALL = "'ouroboros-spatial[train]'"

#: A name on the Hub: one or two parts of letters, digits, '-', '_' and '.'.
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")

#: Files up to this size are hashed whole, of larger ones only both ends.
_WHOLE = 1 << 20


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A loaded model and its processor; ``about`` says where they came from."""

    model: Any
    processor: Any
    about: dict[str, Any]


def load(settings: Settings) -> Checkpoint:
    """Load the model, an adapter on it where ``model`` is one, and the processor.

    Raises EvalkitError with one clear line for what is no checkpoint, reads text alone,
    lacks its processor or needs a library that is not installed.
    """
    if settings.model is None:
        raise UsageError("the transformers backend needs --model: a folder or a name on the Hub")
    folder = local_folder(settings.model)
    adapter = folder if folder is not None and (folder / "adapter_config.json").is_file() else None
    name = _base_of(adapter, settings.base) if adapter is not None else settings.model
    base = local_folder(name)
    if base is not None and not (base / "config.json").is_file():
        raise EvalkitError(
            f"{base} is no checkpoint: it holds no config.json. "
            "Name a folder that save_pretrained wrote, or a model on the Hub"
        )
    require("torch", INSTALL)
    transformers = require("transformers", INSTALL)
    _torchvision.ensure()
    source = str(base) if base is not None else name
    revision = settings.revision if base is None else None
    _refuse_text_only(transformers, source, revision)
    processor = _processor(transformers, adapter, source, revision)
    model = _model(transformers, source, revision, settings)
    commit = getattr(model.config, "_commit_hash", None)
    about: dict[str, Any] = {"model": settings.model, "revision": commit or settings.revision}
    if base is not None:
        about |= {"revision": None, "fingerprint": fingerprint(base)}
    if adapter is not None:
        peft = require("peft", INSTALL)
        model = _explained(settings.model, peft.PeftModel.from_pretrained, model, str(adapter))
        about |= {"base": name, "adapter": fingerprint(adapter), "peft": peft.__version__}
    return Checkpoint(model.eval(), processor, about)


def local_folder(name: str) -> Path | None:
    """Return the folder called ``name``, or None for a name on the Hub.

    Raises EvalkitError for a path that is not there or is no folder.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    if path.exists():
        raise EvalkitError(f"{name} is a file; name the folder of a checkpoint")
    if not _HUB_NAME.fullmatch(name) or name.startswith("."):
        raise EvalkitError(f"{name}: there is no such folder, and it is no name on the Hub")
    return None


def fingerprint(folder: Path) -> str:
    """Return a hash of a checkpoint's files: names, sizes, and their content.

    Of files over 1 MiB only the first and the last 64 KiB are read, so that a large
    checkpoint costs no time; weights that were trained further differ there.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        size = path.stat().st_size
        digest.update(f"{path.name}\x1f{size}\x1f".encode("utf-8", "surrogatepass"))
        with path.open("rb") as file:
            if size <= _WHOLE:
                digest.update(file.read())
            else:
                digest.update(file.read(1 << 16))
                file.seek(-(1 << 16), 2)
                digest.update(file.read())
    return digest.hexdigest()[:16]


def _base_of(adapter: Path, chosen: str | None) -> str:
    if chosen is not None:
        return chosen
    path = adapter / "adapter_config.json"
    try:
        name = json.loads(path.read_text(encoding="utf-8"))["base_model_name_or_path"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvalkitError(f"{path} names no base model: {one_line(error)}") from error
    if not isinstance(name, str) or not name:
        raise EvalkitError(f"{path} names no base model; give it with --base")
    try:
        local_folder(name)
    except EvalkitError as error:
        raise EvalkitError(f"{path}: the base model is missing: {error}; or use --base") from error
    return name


def _refuse_text_only(transformers: Any, source: str, revision: str | None) -> None:
    config = _explained(
        source, transformers.AutoConfig.from_pretrained, source, **_revision(revision)
    )
    mapping = transformers.models.auto.modeling_auto.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
    if type(config) not in mapping:
        raise EvalkitError(
            f"{source} is a {config.model_type} checkpoint, which reads no images; "
            "evalkit needs one that AutoModelForImageTextToText loads"
        )


def _processor(transformers: Any, adapter: Path | None, source: str, revision: str | None) -> Any:
    own = adapter is not None and _has_processor(adapter)
    place = str(adapter) if own else source
    lacking = EvalkitError(
        f"{place} has no processor for images: copy processor_config.json (or "
        "preprocessor_config.json) and the tokenizer's files from the base model"
    )
    if Path(place).is_dir() and not _has_processor(Path(place)):
        raise lacking
    processor = _explained(
        place, transformers.AutoProcessor.from_pretrained, place, **_revision(revision)
    )
    if getattr(processor, "tokenizer", None) is None or not hasattr(processor, "image_processor"):
        raise lacking
    if not (processor.chat_template or processor.tokenizer.chat_template):
        raise EvalkitError(f"{place} has no chat template: copy chat_template.jinja from its base")
    processor.tokenizer.padding_side = "left"
    fix_frame_size(processor)
    return processor


def _has_processor(folder: Path) -> bool:
    names = ("processor_config.json", "preprocessor_config.json")
    return any((folder / name).is_file() for name in names)


def fix_frame_size(processor: Any) -> None:
    """Limit the size of a video's frames as Qwen's own code does, in every version.

    transformers leaves the limit out unless told and announces that this will change, so
    the same checkpoint would see other frames, and score differently, by version.
    """
    moving = getattr(processor, "video_processor", None)
    if moving is not None and getattr(moving, "cap_pixels_per_frame", False) is None:
        moving.cap_pixels_per_frame = True


def _model(transformers: Any, source: str, revision: str | None, settings: Settings) -> Any:
    torch = require("torch", INSTALL)
    on_gpu = torch.cuda.is_available() and settings.device != "cpu"
    dtype = settings.dtype if settings.dtype != "auto" else "bfloat16" if on_gpu else "float32"
    options: dict[str, Any] = {"dtype": getattr(torch, dtype), **_revision(revision)}
    if settings.device == "auto" and torch.cuda.device_count() > 1:
        require("accelerate", INSTALL)
        options["device_map"] = "auto"
    auto = transformers.AutoModelForImageTextToText
    model = _explained(source, auto.from_pretrained, source, **options)
    if "device_map" not in options:
        device = settings.device if settings.device != "auto" else "cuda" if on_gpu else "cpu"
        model = _explained(source, model.to, device)
    return model


def _revision(revision: str | None) -> dict[str, str]:
    return {} if revision is None else {"revision": revision}


def _explained(source: str, call: Any, *args: Any, **kwargs: Any) -> Any:
    """Make a call of transformers; what it raises about ``source`` becomes one line."""
    damaged = require("safetensors", INSTALL).SafetensorError
    try:
        return call(*args, **kwargs)
    except (*FAILURES, ImportError, damaged) as error:
        place = (
            source if Path(source).is_dir() else f"{source} is no folder here, and from the Hub it"
        )
        raise EvalkitError(f"{place} can't be loaded: {one_line(error)}") from error
