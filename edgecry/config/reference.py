"""The table of all settings in docs/configuration.md: ``python -m edgecry.config.reference``."""

from __future__ import annotations

import sys

from edgecry.config.catalogue import settings, show


def settings_table() -> str:
    """Markdown: name, what may be written, default, meaning; a row for each setting."""
    rows = [
        f"| `{each.name}` | {each.takes} | `{show(each.default)}` | {each.description} |"
        for each in settings().values()
    ]
    return "\n".join(["| setting | takes | default | meaning |", "|---|---|---|---|", *rows, ""])


if __name__ == "__main__":
    sys.stdout.write(settings_table())
