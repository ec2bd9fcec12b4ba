"""What people do in a room: the rules behind the drafts, on a room that the journal has locked."""
