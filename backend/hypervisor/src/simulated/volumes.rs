//! Simulated files, and a simulated screen.

use archipel_protocol::VmId;

use super::{refusal, world::World};
use crate::{Copying, DriverError, Screen, Volume, VolumeCopy};

/// Pixels of a screen.
const SIZE: (usize, usize) = (720, 400);

impl World {
    pub(super) fn delete_volume(&mut self, path: &str) -> Result<(), DriverError> {
        let mut all = self.volumes.iter();
        if let Some((other, _)) = all.find(|(_, base)| base.as_deref() == Some(path)) {
            return Err(refusal::built_upon(other));
        }
        match self.volumes.remove(path) {
            Some(_) => Ok(()),
            None => Err(refusal::no_volume(path)),
        }
    }

    /// The new one lies beside the other.
    pub(super) fn copy_volume(&mut self, copy: &VolumeCopy) -> Result<Volume, DriverError> {
        if !self.volumes.contains_key(&copy.from) {
            return Err(refusal::no_volume(&copy.from));
        }
        let folder = copy.from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = format!("{folder}/{}", copy.name);
        if self.volumes.contains_key(&path) {
            return Err(refusal::volume_exists(&copy.name));
        }
        let (base, format) = match copy.how {
            Copying::Full => (None, copy.format.clone()),
            Copying::Linked => (Some(copy.from.clone()), "qcow2".to_owned()),
        };
        self.volumes.insert(path.clone(), base);
        Ok(Volume { path, format })
    }

    /// Every machine shows a colour of its own that fades to the right.
    pub(super) fn screen(&self, id: VmId) -> Result<Screen, DriverError> {
        if !self.machine(id)?.domain.state.is_active() {
            return Err(refusal::wrong_state("domain is not running"));
        }
        let (width, height) = SIZE;
        let own = id.as_bytes()[15];
        let fade = |x: usize| u8::try_from(x * 255 / width).unwrap_or(u8::MAX);
        let row = (0..width).flat_map(|x| [own, fade(x), 255 - fade(x)]);
        let mut bytes = format!("P6\n{width} {height}\n255\n").into_bytes();
        bytes.extend(row.cycle().take(3 * width * height));
        Ok(Screen {
            mime: "image/x-portable-pixmap".to_owned(),
            bytes,
        })
    }
}
