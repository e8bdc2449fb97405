//! Files of copies that an earlier life of the agent began and did not finish: they are removed when libvirt answers.

use archipel_hypervisor::{Driver, DriverError, ErrorKind};
use archipel_protocol::VmId;

use super::{Done, Host};
use crate::store::Store;

impl Host {
    /// Once in a life, when libvirt has answered.
    pub(super) fn remove_unfinished(&mut self) {
        let files = std::mem::take(&mut self.unfinished);
        if files.is_empty() {
            return;
        }
        let (calls, store) = (self.tools.calls.clone(), self.tools.store.clone());
        self.jobs.spawn(async move {
            let removed = calls
                .read(move |driver| remove(driver, &store, &files))
                .await;
            if let Err(error) = removed {
                tracing::warn!(%error, "files of unfinished copies stay for now");
            }
            Done::Kept
        });
    }
}

fn remove(driver: &dyn Driver, store: &Store, files: &[(VmId, String)]) -> Result<(), DriverError> {
    for (copy, path) in files {
        if is_there(driver, *copy)? {
            // It was defined, and only the agent's note of it is missing: its files are in use.
            tracing::warn!(vm = %copy, "a copy was left half made; it is shown, and not managed");
        } else {
            delete(driver, path)?;
        }
        let ended = store.end_file(*copy, path);
        ended.map_err(|error| DriverError::new(ErrorKind::Failed, error.to_string()))?;
    }
    Ok(())
}

fn is_there(driver: &dyn Driver, vm: VmId) -> Result<bool, DriverError> {
    match driver.domain(vm) {
        Ok(_) => Ok(true),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn delete(driver: &dyn Driver, path: &str) -> Result<(), DriverError> {
    match driver.delete_volume(path) {
        Ok(()) => {
            tracing::warn!(path, "a file of an unfinished copy was removed");
            Ok(())
        }
        Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
