"""A proxy before the platform that writes down what passes, without anybody's data (docs/recording.md)."""
