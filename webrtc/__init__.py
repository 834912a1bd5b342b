"""Browsers as legs: signalling, ICE and DTLS-SRTP on one side, SIP and RTP on loopback on the other."""
