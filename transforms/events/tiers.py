"""Say how far to trust an event; docs/events.md has what each tier measures."""

from transforms.events.trigger_selection import Trigger


def tier_of(trigger: Trigger, factuality: str) -> str:
    """Return A, B or C: how often an event found in this way is right."""
    if factuality in ("hypothetical", "requested") or trigger.prompt == "buried":
        return "C"
    if trigger.hit.is_verb or trigger.light:
        return "A"
    return "B" if trigger.prompt == "clear" and trigger.is_named else "C"
