//! Bulk statistics: `virConnectGetAllDomainStats`, freed as it must be.

use std::{ffi::c_uint, ptr, slice};

use virt::{connect::Connect, domain::Domain, error::Error, sys};

use super::field;

/// One record for each machine. Freed with the value.
pub(crate) struct Records {
    list: *mut sys::virDomainStatsRecordPtr,
    len: usize,
}

/// One machine's figures.
pub(crate) struct Record<'a>(&'a sys::virDomainStatsRecord);

impl Records {
    /// Asks for groups of figures (`virDomainStatsTypes`) of the machines that the flags (`virConnectGetAllDomainStatsFlags`) choose.
    pub(crate) fn read(connect: &Connect, groups: c_uint, flags: c_uint) -> Result<Self, Error> {
        let mut list = ptr::null_mut();
        // SAFETY: the connection is alive while borrowed; on success libvirt stores a list that we own from then on.
        let count = unsafe {
            sys::virConnectGetAllDomainStats(connect.as_ptr(), groups, &raw mut list, flags)
        };
        let len = usize::try_from(count).map_err(|_| Error::last_error())?;
        Ok(Self { list, len })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Record<'_>> {
        let records: &[sys::virDomainStatsRecordPtr] = if self.list.is_null() {
            &[]
        } else {
            // SAFETY: libvirt returned `len` records in `list`, which lives, unchanged, as long as `self`.
            unsafe { slice::from_raw_parts(self.list, self.len) }
        };
        // SAFETY: each of the `len` pointers is a valid record of the list, borrowed no longer than `self`.
        records
            .iter()
            .filter_map(|record| unsafe { record.as_ref() })
            .map(Record)
    }
}

impl Drop for Records {
    fn drop(&mut self) {
        // SAFETY: the list is ours, freed once, and no `Record` outlives `self`. Null is allowed.
        unsafe { sys::virDomainStatsRecordListFree(self.list) }
    }
}

impl Record<'_> {
    /// A handle on the machine, to keep.
    pub(crate) fn machine(&self) -> Result<Domain, Error> {
        // SAFETY: the record's domain is alive as long as `self`.
        match unsafe { sys::virDomainRef(self.0.dom) } {
            // SAFETY: the handle gives back, when dropped, the reference just taken.
            0 => Ok(unsafe { Domain::from_ptr(self.0.dom) }),
            _ => Err(Error::last_error()),
        }
    }

    /// The figures that are whole and not negative, by name.
    pub(crate) fn figures(&self) -> impl Iterator<Item = (&str, u64)> {
        let count = usize::try_from(self.0.nparams).unwrap_or_default();
        let parameters: &[sys::virTypedParameter] = if self.0.params.is_null() {
            &[]
        } else {
            // SAFETY: the record holds `nparams` parameters and lives, unchanged, as long as `self`'s borrow.
            unsafe { slice::from_raw_parts(self.0.params, count) }
        };
        parameters
            .iter()
            .filter_map(|parameter| Some((field(&parameter.field), whole(parameter)?)))
    }
}

fn whole(parameter: &sys::virTypedParameter) -> Option<u64> {
    let value = &parameter.value;
    // SAFETY: `type_` says which member of the union libvirt wrote.
    unsafe {
        match parameter.type_.cast_unsigned() {
            sys::VIR_TYPED_PARAM_INT => u64::try_from(value.i).ok(),
            sys::VIR_TYPED_PARAM_UINT => Some(u64::from(value.ui)),
            sys::VIR_TYPED_PARAM_LLONG => u64::try_from(value.l).ok(),
            sys::VIR_TYPED_PARAM_ULLONG => Some(value.ul),
            _ => None,
        }
    }
}
