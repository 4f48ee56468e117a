"""Raw tracebacks and Sentry events -> ``StackTrace``; its frames -> files of the repository. Pure: values in, values out."""
