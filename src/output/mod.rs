//! The edge: everything that reaches a terminal or a pipe goes through here, and is made inert on the way.

#![allow(clippy::print_stdout, clippy::print_stderr)]

pub mod lang;
pub mod picker;
pub mod table;
pub mod text;
pub mod ui;

pub use table::Table;
pub use ui::Ui;
