"""The portal of operators: what its pages ask for."""
