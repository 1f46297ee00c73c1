"""A prompt as the body of an OpenAI-compatible chat request."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalkit.backends._base import Settings
from evalkit.backends._pictures import media_type, moving, read_bytes
from evalkit.prompt import Image, Prompt, Text, Video

#: The most alternatives per token that the protocol lets one ask for.
TOP_LOGPROBS = 20

#: Video files by their ending, as a data URL names them.
_VIDEO_TYPES = {".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime"}


def body(prompt: Prompt, settings: Settings, model: str) -> dict[str, Any]:
    """Return the request for ``prompt``, without a limit of tokens and log-probabilities.

    Raises ValueError for media that can't be sent.
    """
    messages: list[dict[str, Any]] = []
    if prompt.system is not None:
        messages.append({"role": "system", "content": prompt.system})
    messages.append({"role": "user", "content": _content(prompt, settings)})
    request: dict[str, Any] = {"model": model, "messages": messages, "temperature": 0}
    if settings.video_as == "video":
        videos = [part for part in prompt.parts if isinstance(part, Video)]
        if len(videos) > 1:
            raise ValueError("the times of only one video per prompt can be sent")
        if videos:
            request["media_io_kwargs"] = {"video": _times(moving(videos[0]))}
    return request


def held_to(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes a server hold its answer to a JSON schema."""
    named = {"name": "answer", "schema": dict(schema), "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def speaks_of_schema(content: bytes) -> bool:
    """Tell whether a refusal is about the schema."""
    return any(word in content for word in (b"response_format", b"json_schema", b"schema"))


def _content(prompt: Prompt, settings: Settings) -> str | list[dict[str, Any]]:
    if all(isinstance(part, Text) for part in prompt.parts):
        return "".join(part.text for part in prompt.parts if isinstance(part, Text))
    content: list[dict[str, Any]] = []
    for part in prompt.parts:
        if isinstance(part, Text):
            content.append({"type": "text", "text": part.text})
        elif isinstance(part, Image):
            content.append(_image(part.path, settings))
        else:
            content += _video(part, settings)
    return content


def _image(path: Path, settings: Settings) -> dict[str, Any]:
    if settings.media == "path":
        url = path.resolve(strict=True).as_uri()
    else:
        content = read_bytes(path)
        url = f"data:{media_type(content, path)};base64,{base64.b64encode(content).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def _video(video: Video, settings: Settings) -> list[dict[str, Any]]:
    if settings.video_as == "video":
        frames = (base64.b64encode(read_bytes(path)).decode() for path in moving(video).frames)
        url = f"data:video/jpeg;base64,{','.join(frames)}"
    elif settings.video_as == "file":
        url = _file_url(video, settings)
    else:
        return [_image(path, settings) for path in video.frames]
    return [{"type": "video_url", "video_url": {"url": url}}]


def _file_url(video: Video, settings: Settings) -> str:
    if video.source is None:
        raise ValueError("the video file is not known, only its frames")
    if settings.media == "path":
        return video.source.resolve(strict=True).as_uri()
    kind = _VIDEO_TYPES.get(video.source.suffix.lower(), "video/mp4")
    return f"data:{kind};base64,{base64.b64encode(read_bytes(video.source)).decode()}"


def _times(video: Video) -> dict[str, Any]:
    """Return vLLM's description of frames that are already sampled (vLLM 0.20 and later)."""
    return {
        "num_frames": -1,
        "fps": video.fps,
        "frames_indices": list(video.indices),
        "total_num_frames": video.total_frames,
    }
