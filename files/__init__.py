"""Files on complaints: what they are, their bytes sealed and stored outside the workflow, and how they get there."""
