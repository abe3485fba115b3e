//! Containers whose network is set up by what people use for that.

mod cni;
mod podman;
