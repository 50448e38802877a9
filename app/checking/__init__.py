"""What `bff check` asks of those whom the settings name: it only reads."""
