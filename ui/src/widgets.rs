//! What views are made of.

pub(crate) mod chart;
pub(crate) mod field;
pub(crate) mod frame;
pub(crate) mod gauge;
pub(crate) mod grid;
pub(crate) mod list;
pub(crate) mod mosaic;
pub(crate) mod pen;
pub(crate) mod rows;
pub(crate) mod scroll;
pub(crate) mod state;
