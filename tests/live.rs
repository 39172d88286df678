//! Live equals replay.
