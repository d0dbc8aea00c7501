"""What a service at work does, a room for each duty; `services/kernel/runtime.py` is all of them together."""
