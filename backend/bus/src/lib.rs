//! An XMPP session: connect, resume, correlate, publish.
