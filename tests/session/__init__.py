"""Who asks: sessions, sign-in, host tokens, CSRF."""
