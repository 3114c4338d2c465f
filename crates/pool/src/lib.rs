//! The data-plane service that nutkin pool runs, and its protocol to the control plane.
