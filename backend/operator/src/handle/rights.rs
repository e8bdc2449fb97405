//! Who may do what on a hypervisor: asked, changed, explained.

use archipel_protocol::{
    BareJid, HypervisorId, IqKind,
    rights::{Changes, Explained, Page, Query, Row, Why},
};

use super::{Handle, read};
use crate::error::OperatorError;

/// The most rows that are fetched of one hypervisor.
const ROWS: usize = 20_000;

impl Handle {
    /// The grants of everybody, or of one account, and with everybody's the roles that this host has of its own.
    pub async fn rights(
        &self,
        hypervisor: &HypervisorId,
        of: Option<BareJid>,
    ) -> Result<Vec<Row>, OperatorError> {
        let mut query = Query { of, after: 0 };
        let mut rows = Vec::new();
        loop {
            let answer = self.ask(hypervisor, query.to_element()).await?;
            let page = read(hypervisor, &answer, Page::parse)?;
            rows.extend(page.rows);
            match page.next {
                Some(next) if next > query.after && rows.len() < ROWS => query.after = next,
                _ => return Ok(rows),
            }
        }
    }

    /// Makes all these changes on a hypervisor, or none; the answer is the version of its policy.
    pub async fn change_rights(
        &self,
        hypervisor: &HypervisorId,
        changes: &Changes,
    ) -> Result<u64, OperatorError> {
        let answer = self
            .send(hypervisor, IqKind::Set, changes.to_element())
            .await?;
        read(hypervisor, &answer, Page::parse).map(|page| page.version)
    }

    /// Why somebody may do something, or may not.
    pub async fn why(
        &self,
        hypervisor: &HypervisorId,
        why: &Why,
    ) -> Result<Explained, OperatorError> {
        let answer = self.ask(hypervisor, why.to_element()).await?;
        read(hypervisor, &answer, Explained::parse)
    }
}
