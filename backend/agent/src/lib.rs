//! The daemon on a hypervisor: entities, modules, store.
