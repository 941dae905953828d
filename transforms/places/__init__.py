"""Places and nationalities: the gazetteer, and the links into it."""
