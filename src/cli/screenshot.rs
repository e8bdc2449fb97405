//! `archipel vm screenshot`: a picture of a machine's screen, on standard output.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    arguments::Deed,
    console::{is_read_by_a_person, print_bytes},
    definition::the_one,
    failure::Failure,
    messages::{NoPicture, PictureForATerminal},
    session::Session,
    sheet::{Cell, Column, Format, Sheet},
};

const PICTURE: &[Column] = &[
    Column::hidden("name"),
    Column::hidden("id"),
    Column::hidden("hypervisor"),
    Column::hidden("mime"),
    Column::hidden("width"),
    Column::hidden("height"),
    Column::hidden("base64"),
];

pub(super) async fn run(session: &mut Session, deed: &Deed, format: Format) -> Result<(), Failure> {
    if format == Format::Table && is_read_by_a_person() {
        return Err(Failure::usage(PictureForATerminal));
    }
    let vm = the_one(session, &deed.selectors, "vm screenshot").await?;
    let handle = session.handle();
    let picture = session.alongside(handle.screenshot(&vm)).await?;
    let bytes = STANDARD.decode(&picture.base64);
    let bytes = bytes.map_err(|_| Failure::failed(NoPicture))?;
    if format == Format::Table {
        return Ok(print_bytes(&bytes)?);
    }
    let mut sheet = Sheet::new(PICTURE);
    let name = session.fleet().vm(&vm).map(|own| own.name.to_string());
    sheet.rows.push(vec![
        Cell::maybe(name, Cell::text),
        Cell::text(vm.vm.to_string()),
        Cell::text(vm.hypervisor.to_string()),
        Cell::text(&picture.mime),
        Cell::count(picture.width),
        Cell::count(picture.height),
        Cell::Text(picture.base64),
    ]);
    sheet.print(format)
}
