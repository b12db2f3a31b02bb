//! The edge: everything that reaches a terminal or a pipe goes through here, and is made inert on the way.

#![allow(clippy::print_stdout, clippy::print_stderr)]

pub mod lang;
pub mod pager;
pub mod picker;
pub mod style;
pub mod table;
pub mod text;
pub mod ui;

pub use style::{Colours, Tone};
pub use table::{Cell, Table};
pub use ui::Ui;
