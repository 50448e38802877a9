"""The peers: the same job as ours, done by others, as somebody who knows them would write it."""
