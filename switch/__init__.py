"""The production engine: one process a node that carries every leg, by Sofia-SIP and rtpengine.

``legs``, ``trunks`` and what they use are its signalling half; they know of SDP only that there is one.
The media half, behind :mod:`switch.media`, writes and reads every SDP and decides who hears what.
"""
