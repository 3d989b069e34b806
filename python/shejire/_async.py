"""Statements for asyncio: on a thread, and stopped when their task is cancelled."""

from __future__ import annotations

import asyncio
import functools
from typing import Any, Dict, Optional, Tuple


async def execute(connection: Any, args: Tuple[Any, ...], named: Optional[Dict[str, Any]]) -> Any:
    """Runs ``connection.execute(*args, **named)`` on a thread of the loop's pool."""
    work = functools.partial(connection.execute, *args, **(named or {}))
    running = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        # again and again: it may not have begun
        while not running.done():
            connection.interrupt()
            await asyncio.wait([running], timeout=0.02)
        if not running.cancelled():
            running.exception()  # that it was stopped is no news
        raise
