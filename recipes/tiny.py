"""A tiny Qwen3-VL, trained from nothing in minutes on a CPU: what the demo and the tests train.

About 0.4 million parameters. It is a checkpoint like any other: the Auto classes of
transformers load model, processor and chat template from its folder, and it reads images and
videos. Its tokenizer knows single bytes, and as whole tokens the words that it is given.

What it takes to learn at this size: weights drawn at 0.1 (at the usual 0.02 nothing is
learned) and position embeddings of the picture drawn at 1.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from evalkit.backends import _torchvision
from evalkit.optional import require

INSTALL = "'ouroboros-spatial[train]'"
PURPOSE = "the tiny model"

#: Pixels of a patch's side; 2 x 2 patches are one token.
PATCH = 8

#: The picture's side that position embeddings are made for, where none is chosen.
SIDE = 64

#: The sides that it can be made for: of one token, and of as many as are still tiny.
LEAST_SIDE, MOST_SIDE = 2 * PATCH, 1_024

#: Words beyond so many stay bytes.
MOST_WORDS = 320

SPECIAL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>"),
    *("<|image_pad|>", "<|video_pad|>"),
)

TEMPLATE = """\
{%- for message in messages -%}
<|im_start|>{{ message.role }}
{% if message.content is string -%}
{{ message.content }}
{%- else -%}
{%- for part in message.content -%}
{%- if part.type == 'image' -%}<|vision_start|><|image_pad|><|vision_end|>
{%- elif part.type == 'video' -%}<|video_pad|>
{%- else -%}{{ part.text }}{%- endif -%}
{%- endfor -%}
{%- endif -%}<|im_end|>
{% endfor -%}
{%- if add_generation_prompt -%}<|im_start|>assistant
{% endif -%}
"""


def words_of(texts: Iterable[str], answers: Iterable[str]) -> tuple[str, ...]:
    """Return what becomes whole tokens: every answer, then the most frequent words of texts.

    Numbers stay digits, as in large tokenizers.
    """
    whole = [each for each in answers if not any(char.isdigit() for char in each)]
    counts = Counter(word for text in texts for word in _split(text) if word.isalpha())
    frequent = sorted(counts, key=lambda word: (-counts[word], word))
    chosen = dict.fromkeys([*sorted(set(whole)), "user", "assistant", *frequent])
    return tuple(chosen)[:MOST_WORDS]


def _split(text: str) -> list[str]:
    return "".join(char if char.isalpha() else " " for char in text).split()


def build(folder: Path, words: Sequence[str] = (), seed: int = 0, side: int = SIDE) -> Path:
    """Write the checkpoint, its weights drawn by ``seed``, into ``folder``; return it."""
    torch = require("torch", INSTALL, PURPOSE)
    _torchvision.ensure()
    transformers = require("transformers", INSTALL, PURPOSE)
    processor = _processor(words, side)
    tokens = processor.tokenizer.convert_tokens_to_ids
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        config = _config(transformers, len(processor.tokenizer), tokens, side)
        model = transformers.Qwen3VLForConditionalGeneration(config)
        torch.nn.init.normal_(model.model.visual.pos_embed.weight)
    model.generation_config.eos_token_id = tokens("<|im_end|>")
    model.generation_config.pad_token_id = tokens("<|endoftext|>")
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _processor(words: Sequence[str], side: int) -> Any:
    transformers = require("transformers", INSTALL, PURPOSE)
    letters = [chr(code) for code in _byte_letters()]
    names = [*SPECIAL, *letters]
    tokenizer = transformers.Qwen2Tokenizer(
        vocab={name: number for number, name in enumerate(names)},
        merges=[],
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=list(SPECIAL),
    )
    whole = [word for word in words if len(word) > 1]
    tokenizer.add_tokens(
        [transformers.AddedToken(word, single_word=True, lstrip=True) for word in whole]
    )
    largest = side * side
    sizes = {"shortest_edge": 4 * PATCH * PATCH, "longest_edge": max(largest, 4 * PATCH * PATCH)}
    patches = {"patch_size": PATCH, "temporal_patch_size": 2, "merge_size": 2}
    still = transformers.Qwen2VLImageProcessor(**patches, size=sizes)
    moving = transformers.Qwen3VLVideoProcessor(
        **patches, size={**sizes, "longest_edge": 32 * sizes["longest_edge"]}
    )
    return transformers.Qwen3VLProcessor(still, tokenizer, moving, chat_template=TEMPLATE)


def _byte_letters() -> list[int]:
    """Return the code points that byte-level BPE writes the 256 bytes with."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return printable + [256 + extra for extra in range(256 - len(printable))]


def _config(transformers: Any, words: int, tokens: Any, side: int) -> Any:
    text = {
        "vocab_size": words,
        "hidden_size": 64,
        "intermediate_size": 192,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "max_position_embeddings": 8192,
        "initializer_range": 0.1,
        "tie_word_embeddings": True,
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 10_000.0,
            "mrope_section": [4, 2, 2],
            "mrope_interleaved": True,
        },
    }
    vision = {
        "depth": 1,
        "hidden_size": 64,
        "intermediate_size": 192,
        "num_heads": 4,
        "patch_size": PATCH,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
        "out_hidden_size": 64,
        "num_position_embeddings": (side // PATCH) ** 2,
        "deepstack_visual_indexes": [0],
        "initializer_range": 0.1,
    }
    return transformers.Qwen3VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=tokens("<|image_pad|>"),
        video_token_id=tokens("<|video_pad|>"),
        vision_start_token_id=tokens("<|vision_start|>"),
        vision_end_token_id=tokens("<|vision_end|>"),
        tie_word_embeddings=True,
        initializer_range=0.1,
    )
