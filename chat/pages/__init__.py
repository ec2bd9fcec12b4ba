"""The pages beyond the rooms themselves: accounts, invitations, and keeping order."""
