"""Changes of the settings: drafts, what they would do, versions, and writing them to the files in force."""
