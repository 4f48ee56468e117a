"""A stand-in for Sentry on loopback: it takes events from the real SDKs and answers the web API with the shapes of real Sentry.

Start reading at ``server.py`` (how to run it) and ``app.py`` (every address it answers). Then one file a resource:
``releases``, ``commits``, ``deploys``, ``repositories``, ``issues``, ``events``, ``comments``, ``tags``, ``series``,
``sessions``, ``ownership``, ``organization``. ``ingest`` takes what SDKs send; ``processing`` does to an event what the
real server does. All state is in ``state.State``, in memory, one per running server.
"""
