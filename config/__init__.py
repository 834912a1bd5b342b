"""Every setting of Ringback: frozen models, and the loader that fills them from one YAML file."""
