"""The sections of the config file, one a module: their models, checks and :class:`config.section.Section`."""
