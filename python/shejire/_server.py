"""A server that runs in this process."""

from __future__ import annotations

from typing import Any, Optional


class Server(str):
    """The address of a server that runs in this process until it is stopped, or its database closed. A context manager."""

    _serving: Any

    def __new__(cls, serving: Any) -> "Server":
        made = super().__new__(cls, serving.url)
        made._serving = serving
        return made

    @property
    def url(self) -> str:
        """Where HTTP is spoken: the server itself, as a text."""
        return str(self)

    @property
    def bolt(self) -> Optional[str]:
        """Where Bolt is spoken; ``None`` unless it was asked for."""
        bolt: Optional[str] = self._serving.bolt
        return bolt

    @property
    def token(self) -> Optional[str]:
        """What clients must show; ``None`` where they need nothing."""
        token: Optional[str] = self._serving.token
        return token

    @property
    def running(self) -> bool:
        """Whether it has not been stopped."""
        return bool(self._serving.running)

    def stop(self) -> None:
        """Stops it, and what it runs."""
        self._serving.stop()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_args: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<shejire.Server {str(self) if self.running else 'stopped'}>"
