//! Built-in functions: one registry with signatures, documentation and kernels on Arrow.
