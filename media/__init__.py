"""Media: the core's service and its worker processes, their protocol, and the mains of the pjsua2 engine."""
