"""The gate: what stands between PJSIP and the network, so that PJSIP reads nothing that was not judged."""
