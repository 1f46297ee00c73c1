"""What the recipes raise on purpose."""


class RecipeError(Exception):
    """A failure that is told to the user in one line."""

    exit_status = 1


class ConfigError(RecipeError):
    """The config is wrong; the message names everything that is."""

    exit_status = 2
