"""Messages that leave the platform: who gets them at which address, when, by e-mail or SMS, and what became of them."""
