"""Events: triggers, who, where, when, how certain."""
