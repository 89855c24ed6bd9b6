//! What a net is like: numbers about its place and function in a design.
