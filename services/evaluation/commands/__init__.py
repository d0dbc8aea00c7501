"""Commands that change evaluation cases, grouped by verb."""
