//! Lifecycle events: `virConnectDomainEventRegisterAny` and its counterpart.

use std::{
    ffi::{c_int, c_void},
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr,
};

use archipel_protocol::VmId;
use virt::{connect::Connect, error::Error, sys};

/// Hears of a machine and the number of the event (`virDomainEventType`), on the event loop's thread. It must not block and must not
/// own the connection.
pub(crate) type Tell = Box<dyn Fn(VmId, u32) + Send + Sync>;

/// A registration; ends only with [`deregister`], or with the connection.
#[derive(Debug)]
pub(crate) struct Registration(c_int);

/// Begins to tell. Fails where the driver has no events.
pub(crate) fn register(connect: &Connect, tell: Tell) -> Result<Registration, Error> {
    let callback: unsafe extern "C" fn(
        sys::virConnectPtr,
        sys::virDomainPtr,
        c_int,
        c_int,
        *mut c_void,
    ) = on_event;
    // SAFETY: libvirt takes every event callback under one type and calls it with the arguments of the event it was registered for:
    // for VIR_DOMAIN_EVENT_ID_LIFECYCLE these are exactly `on_event`'s (virConnectDomainEventCallback).
    let callback: sys::virConnectDomainEventGenericCallback = Some(unsafe {
        mem::transmute::<
            unsafe extern "C" fn(sys::virConnectPtr, sys::virDomainPtr, c_int, c_int, *mut c_void),
            unsafe extern "C" fn(sys::virConnectPtr, sys::virDomainPtr, *mut c_void),
        >(callback)
    });
    let opaque: *mut Tell = Box::into_raw(Box::new(tell));
    // SAFETY: the connection is alive while `connect` is borrowed, no domain is a valid argument (all of them), and `opaque` stays valid
    // until libvirt hands it to `free` after the last call of the callback.
    let id = unsafe {
        sys::virConnectDomainEventRegisterAny(
            connect.as_ptr(),
            ptr::null_mut(),
            sys::VIR_DOMAIN_EVENT_ID_LIFECYCLE.cast_signed(),
            callback,
            opaque.cast(),
            Some(free),
        )
    };
    if id >= 0 {
        return Ok(Registration(id));
    }
    let error = Error::last_error();
    // SAFETY: a failed registration keeps nothing and frees nothing, so the box is still ours alone.
    drop(unsafe { Box::from_raw(opaque) });
    Err(error)
}

/// Ends a registration of this connection. An error says only that the daemon could not be told: it is gone.
pub(crate) fn deregister(connect: &Connect, registration: &Registration) -> Result<(), Error> {
    // SAFETY: the connection is alive while borrowed; a number that is unknown is an error, not undefined.
    match unsafe { sys::virConnectDomainEventDeregisterAny(connect.as_ptr(), registration.0) } {
        0 => Ok(()),
        _ => Err(Error::last_error()),
    }
}

/// SAFETY of its own: called by libvirt alone, with a live domain and the `opaque` of `register`.
unsafe extern "C" fn on_event(
    _connect: sys::virConnectPtr,
    domain: sys::virDomainPtr,
    event: c_int,
    _detail: c_int,
    opaque: *mut c_void,
) {
    let mut uuid = [0; sys::VIR_UUID_BUFLEN as usize];
    // SAFETY: the domain is alive during the callback, and the buffer is as long as libvirt asks for.
    let read = unsafe { sys::virDomainGetUUID(domain, uuid.as_mut_ptr()) };
    // SAFETY: `opaque` is the box of `register`; libvirt frees it only after the last callback, and `Tell` is `Sync`.
    let tell: &Tell = unsafe { &*opaque.cast::<Tell>() };
    if read == 0 {
        // A panic must not cross into C; the default hook has said what happened.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            tell(VmId::from_bytes(uuid), event.cast_unsigned());
        }));
    }
}

/// SAFETY of its own: called by libvirt once, after the last callback, with the `opaque` of `register`.
unsafe extern "C" fn free(opaque: *mut c_void) {
    // SAFETY: made by `Box::into_raw` in `register`, and handed back once.
    let tell = unsafe { Box::from_raw(opaque.cast::<Tell>()) };
    let _ = catch_unwind(AssertUnwindSafe(|| drop(tell)));
}
