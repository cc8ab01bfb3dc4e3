"""Between engine and network. From the engine's side to the network's, and what each is for:

==== =========== ==================================================================================
  40 hosts       only hosts of the registry, whoever asks, however often it was retried or redirected
  60 robots      robots.txt as RFC 9309 says
 540 quarantine  a page that is no page (block, challenge) becomes an error, never content
 910 slots       one rate for each installation
 930 patience    a host that refuses is left in peace
 940 allowance   the window of the night and the day's number of requests
 950 capture     the bytes as sent, kept before anybody looks at them
==== =========== ==================================================================================
"""
