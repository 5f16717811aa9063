"""What actions make of a task: pure state machines, data in and data out."""
