//! The authorization servers.
