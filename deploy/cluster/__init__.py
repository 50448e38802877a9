"""`make cluster`: the topology of compose.yaml on this machine, without containers, and supervised."""
