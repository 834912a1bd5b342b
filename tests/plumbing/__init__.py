"""How the tests are run: what failed and needed a second run, and which of them are quick."""
