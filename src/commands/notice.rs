//! `carnet notice`
use crate::context::Context;
use crate::error::Result;
/// x
#[derive(Debug, clap::Args)]
pub struct Args {}
pub fn run(_: &Context, _: Args) -> Result<i32> {
    Ok(0)
}
