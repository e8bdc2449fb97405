//! The host's own counters: `virNodeGetCPUStats` and `virNodeGetMemoryStats`.

use std::{collections::BTreeMap, ffi::c_int, ptr};

use virt::{connect::Connect, error::Error, sys};

use super::field;

/// Figures by libvirt's names.
pub(crate) type Figures = BTreeMap<String, u64>;

/// Processor time of all processors since the host's start, nanoseconds: `kernel`, `user`, `idle`, `iowait`, `intr`.
pub(crate) fn cpu(connect: &Connect) -> Result<Figures, Error> {
    let mut count: c_int = 0;
    // SAFETY: the connection is alive while borrowed; without a buffer libvirt only says how long one must be.
    let asked = unsafe {
        sys::virNodeGetCPUStats(
            connect.as_ptr(),
            sys::VIR_NODE_CPU_STATS_ALL_CPUS,
            ptr::null_mut(),
            &raw mut count,
            0,
        )
    };
    let mut figures = vec![
        sys::virNodeCPUStats {
            field: [0; 80],
            value: 0
        };
        room(asked, count)?
    ];
    // SAFETY: as above, and the buffer has room for the `count` figures that libvirt may write.
    let read = unsafe {
        sys::virNodeGetCPUStats(
            connect.as_ptr(),
            sys::VIR_NODE_CPU_STATS_ALL_CPUS,
            figures.as_mut_ptr(),
            &raw mut count,
            0,
        )
    };
    figures.truncate(room(read, count)?);
    Ok(figures
        .iter()
        .map(|figure| (field(&figure.field).to_owned(), figure.value))
        .collect())
}

/// Memory of all cells, KiB: `total`, `free`, `buffers`, `cached`.
pub(crate) fn memory(connect: &Connect) -> Result<Figures, Error> {
    let mut count: c_int = 0;
    // SAFETY: the connection is alive while borrowed; without a buffer libvirt only says how long one must be.
    let asked = unsafe {
        sys::virNodeGetMemoryStats(
            connect.as_ptr(),
            sys::VIR_NODE_MEMORY_STATS_ALL_CELLS,
            ptr::null_mut(),
            &raw mut count,
            0,
        )
    };
    let mut figures = vec![
        sys::virNodeMemoryStats {
            field: [0; 80],
            value: 0
        };
        room(asked, count)?
    ];
    // SAFETY: as above, and the buffer has room for the `count` figures that libvirt may write.
    let read = unsafe {
        sys::virNodeGetMemoryStats(
            connect.as_ptr(),
            sys::VIR_NODE_MEMORY_STATS_ALL_CELLS,
            figures.as_mut_ptr(),
            &raw mut count,
            0,
        )
    };
    figures.truncate(room(read, count)?);
    Ok(figures
        .iter()
        .map(|figure| (field(&figure.field).to_owned(), figure.value))
        .collect())
}

fn room(outcome: c_int, count: c_int) -> Result<usize, Error> {
    match usize::try_from(count) {
        Ok(count) if outcome == 0 => Ok(count),
        _ => Err(Error::last_error()),
    }
}
