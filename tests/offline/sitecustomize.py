"""Python imports this when it starts: the processes that tests start are guarded, too."""

from __future__ import annotations

import network_guard

network_guard.block()
