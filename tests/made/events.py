"""The events of a run, kept in their order."""

from __future__ import annotations

from stackdoc.run.progress import Event


class EventLog:
    """A `Progress` that appends each event to `events`."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def event(self, event: Event) -> None:
        self.events.append(event)
