//! The physical plan as data: typed expressions, operators, keys, changelog modes, operator ids.
