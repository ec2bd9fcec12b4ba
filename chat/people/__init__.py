"""Who is here and what they are: presence, standings, read marks, who is typing."""
