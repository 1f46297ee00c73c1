"""Prompts as vLLM takes them: chat messages with images, or text with media beside it."""

from typing import Any

from evalkit.backends._pictures import moving, open_image
from evalkit.optional import require
from evalkit.prompt import Image, Prompt, Text, Video


def messages(prompt: Prompt) -> list[dict[str, Any]]:
    """Return a prompt as chat messages with opened images; videos become their frames."""
    content: list[dict[str, Any]] = []
    for part in prompt.parts:
        if isinstance(part, Text):
            content.append({"type": "text", "text": part.text})
        else:
            paths = [part.path] if isinstance(part, Image) else list(part.frames)
            for number, path in enumerate(paths):
                name = part.id if isinstance(part, Image) else f"{part.id}/{number}"
                opened = open_image(path)
                content.append({"type": "image_pil", "image_pil": opened, "uuid": name})
    return [*_system(prompt), {"role": "user", "content": content}]


def placeholders(prompt: Prompt) -> list[dict[str, Any]]:
    """Return a prompt as chat messages that only say where images and videos are."""
    content = [
        {"type": "text", "text": part.text}
        if isinstance(part, Text)
        else {"type": "video" if isinstance(part, Video) else "image"}
        for part in prompt.parts
    ]
    return [*_system(prompt), {"role": "user", "content": content}]


def rendered(prompt: Prompt, text: str) -> dict[str, Any]:
    """Return a prompt with its text, its images, and its videos with their times.

    A video is an array of shape (frames, height, width, 3), bytes, and its description.
    """
    numpy = require("numpy", "numpy")
    data: dict[str, list[Any]] = {}
    names: dict[str, list[str]] = {}
    for part in prompt.parts:
        if isinstance(part, Text):
            continue
        kind = "image" if isinstance(part, Image) else "video"
        names.setdefault(kind, []).append(part.id)
        if isinstance(part, Image):
            item: Any = open_image(part.path)
        else:
            video = moving(part)
            frames = numpy.stack([numpy.asarray(open_image(path)) for path in video.frames])
            item = (frames, _description(video))
        data.setdefault(kind, []).append(item)
    return {"prompt": text, "multi_modal_data": data, "multi_modal_uuids": names}


def _description(video: Video) -> dict[str, Any]:
    return {
        "total_num_frames": video.total_frames,
        "fps": video.fps,
        "duration": video.total_frames / video.fps,
        "video_backend": "evalkit",
        "frames_indices": list(video.indices),
        "do_sample_frames": False,
    }


def _system(prompt: Prompt) -> list[dict[str, Any]]:
    return [] if prompt.system is None else [{"role": "system", "content": prompt.system}]
