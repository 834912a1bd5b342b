"""The built pages: ``dist/agent`` and ``dist/demo-shop``, which ``make web`` makes and a wheel holds."""
