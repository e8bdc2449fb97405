//! What the operator looks at: of it the figures of each machine are wanted.

use archipel_protocol::HypervisorId;

/// The most hypervisors whose machines' figures are wanted at a time. Each sends a hundred bytes for every machine that runs, again and again.
pub const LOOK_LIMIT: usize = 8;

/// What the operator looks at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Look {
    /// At nothing that has figures of machines.
    #[default]
    Away,
    /// At one hypervisor, closely.
    At(HypervisorId),
    /// At machines of these hypervisors, in order and each once; of more than [`LOOK_LIMIT`] none is looked at.
    Over(Vec<HypervisorId>),
}

impl Look {
    /// Over the hypervisors of `machines`; where these are too many, over that of the machine under the cursor.
    pub fn over<'a>(
        machines: impl IntoIterator<Item = &'a HypervisorId>,
        cursor: Option<&HypervisorId>,
    ) -> Self {
        let mut all: Vec<&HypervisorId> = Vec::new();
        for id in machines {
            if let Err(place) = all.binary_search(&id) {
                all.insert(place, id);
            }
            if all.len() > LOOK_LIMIT {
                return cursor.map_or(Self::Away, |id| Self::Over(vec![id.clone()]));
            }
        }
        if all.is_empty() {
            return Self::Away;
        }
        Self::Over(all.into_iter().cloned().collect())
    }

    /// The hypervisors that are looked at.
    pub fn hypervisors(&self) -> &[HypervisorId] {
        match self {
            Self::Away => &[],
            Self::At(id) => std::slice::from_ref(id),
            Self::Over(all) if all.len() > LOOK_LIMIT => &[],
            Self::Over(all) => all,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn few_hypervisors_are_looked_over_and_of_many_one() {
        let hosts: Vec<HypervisorId> = (0..20)
            .map(|at| format!("hv{at:02}@dc.example").parse().unwrap())
            .collect();
        let mixed = [&hosts[3], &hosts[1], &hosts[3]];
        let two = Look::over(mixed, Some(&hosts[3]));
        assert_eq!(two.hypervisors(), [hosts[1].clone(), hosts[3].clone()]);
        assert_eq!(Look::over(&hosts[..8], None).hypervisors().len(), 8);
        let one = Look::over(&hosts, Some(&hosts[9]));
        assert_eq!(one.hypervisors(), [hosts[9].clone()]);
        assert_eq!(Look::over(&hosts, None), Look::Away);
        assert!(Look::Over(hosts).hypervisors().is_empty());
    }
}
