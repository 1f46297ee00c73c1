"""How a model is asked for questions: all that decides what it is told."""

from pydantic import BaseModel, ConfigDict, Field


class ModelSettings(BaseModel):
    """The settings of a model proposer; they go into the manifest.

    A scene is asked about in at most ``replies`` requests of ``per_reply`` questions each,
    until enough are accepted. Questions that fail are sent back with what is wrong, at most
    ``repairs`` times. ``review`` and ``blind`` let the same model look over every question
    that passed the other checks.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    model: str
    backend: str
    per_reply: int = Field(default=8, ge=1, le=50)
    replies: int = Field(default=3, ge=1, le=100)
    repairs: int = Field(default=2, ge=0, le=10)
    review: bool = True
    blind: bool = True
    graph_tokens: int = Field(default=3_000, ge=100, le=100_000)
    max_tokens: int = Field(default=4_096, ge=16, le=100_000)
    max_side: int = Field(default=448, ge=16, le=4_096)
    scenes_at_once: int = Field(default=8, ge=1, le=1_000)
