//! `carnet` alone

use crate::context::Context;
use crate::error::Result;

pub fn run(context: &Context) -> Result<i32> {
    context.ui.note("x");
    Ok(0)
}
