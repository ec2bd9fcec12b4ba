"""The chat of the Django Channels tutorial, as its four parts leave it, on its Redis channel layer."""
