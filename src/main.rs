//! The `carnet` program: everything is in the library.

fn main() {
    std::process::exit(carnet::cli::run(std::env::args_os()))
}
