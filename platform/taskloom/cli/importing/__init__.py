"""Tables and JSON files on their way into a workflow, row by row and in flat memory."""
