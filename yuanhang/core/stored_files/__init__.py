"""Files on the disk and the rows that name them: kept in step, however a process ends."""
