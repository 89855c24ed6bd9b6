"""Who tries doors: probes without an answer, counted over hosts, ports and days."""
