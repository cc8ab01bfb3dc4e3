"""What is known before any report is read: forms and codebook, rules, places, agencies' names. Data, loaded once."""
