"""How a process is, for those who run it.

logs        one line each, ids and no content
metrics     what is counted and timed; backlog: what waits
tracing     OpenTelemetry, where an endpoint is set
monitoring  /healthz, /readyz, /metrics; probing: whether something answers
health      whether the process still does its work
"""
