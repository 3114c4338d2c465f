//! listagg
