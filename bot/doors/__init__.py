"""The ways in for people: webhooks, the web chat, the pages that anyone may read.

A door turns what comes over the wire into an `Inbound`, hands it to the program and waits until it is kept. It takes no
decision and renders no answer: what is shown is what the store says was sent.
"""
