"""SIP legs on pjsua2. Lives in phone workers; nothing here runs in the core process."""
