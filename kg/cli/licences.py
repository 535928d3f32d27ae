"""`kg licences`: under which licences the packages and the data stand."""

from __future__ import annotations

import json

import click

from kg.cli.options import json_option

__all__ = ["licences"]


@click.command()
@click.option(
    "--extra",
    "extras",
    multiple=True,
    type=click.Choice(["serve", "train"]),
    help="List what this extra needs, too; may be given again.",
)
@json_option
@click.pass_context
def licences(ctx: click.Context, *, extras: tuple[str, ...], as_json: bool) -> None:
    """List the licences of all packages needed at run time, and of the model's data.

    Each is held against an allow-list; the exit code is 1 where one is not allowed.

    \b
    Example:
      kg licences
      kg licences --extra serve --json
    """
    from dataclasses import asdict

    from kg.licences import list_data, list_packages

    groups = {"packages": list_packages(extras=frozenset(extras)), "data": list_data()}
    if as_json:
        told = {group: [asdict(item) for item in items] for group, items in groups.items()}
        click.echo(json.dumps(told, indent=2))
    else:
        for group, items in groups.items():
            click.echo(click.style(f"{group} ({len(items)})", bold=True))
            for item in items:
                name = f"{item.name} {item.version}".strip()
                fault = "" if item.is_allowed else click.style("  not allowed", fg="red")
                click.echo(f"  {name:<36}  {item.licence}{fault}")
    refused = [item.name for items in groups.values() for item in items if not item.is_allowed]
    if refused:
        click.echo(f"not allowed: {', '.join(refused)} (see kg/licences.json)", err=True)
    ctx.exit(int(bool(refused)))
