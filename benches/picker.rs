//! How long each key takes in a list of 10,000 contacts: `cargo bench --bench picker` (or `-- 100000`). Prints a table; a
//! person notices 100 ms.

use std::time::Instant;

use carnet::output::picker::{Item, Key, State};

const GIVEN: [&str; 10] =
    ["Éloïse", "Jean-Luc", "Zoé", "François", "Anaïs", "Björn", "Łukasz", "Marie", "André", "Noël"];
const FAMILY: [&str; 9] =
    ["Dupont", "Lefèvre", "Müller", "García", "Rousseau", "Cœur", "Nowak", "d'Ormesson", "Ødegård"];

fn main() {
    let count = std::env::args().filter_map(|a| a.parse().ok()).next().unwrap_or(10_000);
    let start = Instant::now();
    let items: Vec<Item> = (0..count)
        .map(|n: usize| {
            let (given, family) = (GIVEN[n % GIVEN.len()], FAMILY[n % FAMILY.len()]);
            Item::new(format!("{given} {family} {n}"), format!("Atelier {} et fils", n % 997), "main")
        })
        .collect();
    println!("{count} items made in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let mut state = State::new(&items, true);
    let mut keys: Vec<Key> = "cœur atelier 42".chars().map(Key::Char).collect();
    keys.extend([Key::Backspace, Key::Word, Key::Down, Key::Mark, Key::Clear]);
    let mut slowest = 0.0_f64;
    for key in keys {
        let start = Instant::now();
        state.press(key, 40);
        let took = start.elapsed().as_secs_f64() * 1e3;
        slowest = slowest.max(took);
        println!("{:<14} {:>6} found {took:>8.2} ms", format!("{key:?}"), state.found().len());
    }
    println!("slowest key: {slowest:.2} ms");
}
