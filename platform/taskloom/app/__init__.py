"""The composition root: settings in, a WSGI application and a running server out."""
