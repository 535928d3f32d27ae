"""`kg completion`: the script that makes a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

__all__ = ["completion"]


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a script that completes commands and options in a shell.

    \b
    Example:
      eval "$(kg completion bash)"            now
      kg completion fish > ~/.config/fish/completions/kg.fish
    """
    found = get_completion_class(shell)
    if found is None:  # pragma: no cover - click knows all three
        raise click.ClickException(f"click has no completion for {shell}")
    click.echo(found(ctx.find_root().command, {}, "kg", "_KG_COMPLETE").source())
