"""The platform's side: exchange, client, tokens, envelope."""
