"""A stand-in for Slack on loopback, for trying and testing: Web API, Socket Mode and a page to chat on.

The official `slack_sdk` and `slack_bolt` work with it unmodified but for the base URL. It is a program of
its own: it imports nothing of the product, and the product nothing of it.

    python -m sandbox                     serve it, by default on http://127.0.0.1:8910
    server.SandboxServer                  the same in a thread, for tests
    client.Sandbox                        act as a person, read what a person sees, pull the levers

The state, one noun per file, no I/O
    workspace   people   apps   channels   messages   files   streams   views   ids   seed (from JSON)
In motion
    platform        every change goes through here, and apps are told of it
    events  interactions  composer        the shapes they are told in
    deliveries  socket_mode  http_mode    envelopes, acknowledgements, redelivery; the sockets, or a Request URL
    triggers  response_urls  responses  forms      what follows an interaction
    installs                              OAuth: the page that asks whether to install an app, the code that becomes a token
What apps call
    switchboard                           several workspaces behind one Web API
    web_api → calls, arguments → methods/*         to add a method: a function and a line in its METHODS
    content  block_kit  rich_text  schema  pages  scopes  limits     as strict as Slack
    downloads                                      file bytes
What tests and the page call
    control → verbs/*               to add a verb: a function and a line in its VERBS
    faults  journal  bell  settings
    reading                         a message as a person reads it
    site                            the documents behind the links
The page, in a browser: static/
    index.html style.css            what there is to see, and how it looks
    page → world                    drawing it anew whenever something changes; the state, the control API
    sidebar messages composer       where one is, what is said, where one writes
    modal fields blocks             what is asked, what is filled in; Block Kit
    text markdown rich_text         Slack's texts
    making icons emoji              elements, drawings, names of emoji
"""
