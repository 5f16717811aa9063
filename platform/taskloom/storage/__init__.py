"""MongoDB behind the engine's ports: tasks, workflows, people, files, and the embedded mongod."""
