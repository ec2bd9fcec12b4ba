"""What is measured: each module one kind of load."""
