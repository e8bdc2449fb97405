//! The end of a connection: `virConnectRegisterCloseCallback` and its counterpart.

use std::{
    ffi::{c_int, c_void},
    panic::{AssertUnwindSafe, catch_unwind},
};

use virt::{connect::Connect, error::Error, sys};

/// Hears the reason (`virConnectCloseReason`), on the event loop's thread. It must not block and must not own the connection.
pub(crate) type Tell = Box<dyn Fn(u32) + Send + Sync>;

/// Begins to watch. A connection has at most one watcher.
pub(crate) fn register(connect: &Connect, tell: Tell) -> Result<(), Error> {
    let opaque: *mut Tell = Box::into_raw(Box::new(tell));
    // SAFETY: the connection is alive while borrowed, and `opaque` stays valid until libvirt hands it to `free`. A driver inside
    // the process takes no callback and frees none: that leaks the box once, for a connection that never closes.
    let done = unsafe {
        sys::virConnectRegisterCloseCallback(
            connect.as_ptr(),
            Some(on_close),
            opaque.cast(),
            Some(free),
        )
    };
    if done == 0 {
        return Ok(());
    }
    let error = Error::last_error();
    // SAFETY: a failed registration keeps nothing and frees nothing, so the box is still ours alone.
    drop(unsafe { Box::from_raw(opaque) });
    Err(error)
}

/// Ends the watch.
pub(crate) fn deregister(connect: &Connect) -> Result<(), Error> {
    // SAFETY: the connection is alive while borrowed; without a registration this is an error, not undefined.
    match unsafe { sys::virConnectUnregisterCloseCallback(connect.as_ptr(), Some(on_close)) } {
        0 => Ok(()),
        _ => Err(Error::last_error()),
    }
}

/// SAFETY of its own: called by libvirt alone, with the `opaque` of `register`.
unsafe extern "C" fn on_close(_connect: sys::virConnectPtr, reason: c_int, opaque: *mut c_void) {
    // SAFETY: `opaque` is the box of `register`, freed only after the last callback, and `Tell` is `Sync`.
    let tell: &Tell = unsafe { &*opaque.cast::<Tell>() };
    // A panic must not cross into C; the default hook has said what happened.
    let _ = catch_unwind(AssertUnwindSafe(|| tell(reason.cast_unsigned())));
}

/// SAFETY of its own: called by libvirt once, after the last callback, with the `opaque` of `register`.
unsafe extern "C" fn free(opaque: *mut c_void) {
    // SAFETY: made by `Box::into_raw` in `register`, and handed back once.
    let tell = unsafe { Box::from_raw(opaque.cast::<Tell>()) };
    let _ = catch_unwind(AssertUnwindSafe(|| drop(tell)));
}
